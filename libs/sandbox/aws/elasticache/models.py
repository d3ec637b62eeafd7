"""The state of ElastiCache in one account and region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource

from libs.sandbox.aws.elasticache.failures import not_found
from libs.sandbox.aws.failures import AwsFailure

View = dict[str, Any]
"""A resource as the API describes it."""


@dataclass
class ParameterGroup:
    """A parameter group and the values that its owner set."""

    view: View
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class ReplicationGroup:
    """A replication group with what the API takes but never shows."""

    view: View
    subnet_group: str
    parameter_group: str
    security_group_ids: list[str]
    engine: str
    engine_version: str
    member_fields: View
    """What its member clusters show besides."""
    auth_tokens: list[str] = field(default_factory=list)
    """Tokens that clients may use: two between ROTATE and SET."""
    open_to_all: bool = True
    """Whether clients without a token are let in: until a first token was SET, when the group was made without one."""


class ElastiCacheBackend(BaseBackend, TaggableResourcesMixin):
    """Everything by name. Every change happens under the sandbox's lock."""

    SERVICE_NAMESPACE = "elasticache"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.replication_groups: dict[str, ReplicationGroup] = {}
        self.cache_clusters: dict[str, View] = {}
        self.cache_subnet_groups: dict[str, View] = {}
        self.parameter_groups: dict[str, ParameterGroup] = {}
        self.user_groups: dict[str, View] = {}
        self.users: dict[str, View] = {}
        self.snapshots: dict[str, View] = {}
        self.tags: dict[str, dict[str, str]] = {}
        """Tags of each resource by ARN; an ARN that is here exists."""

    def arn(self, kind: str, name: str) -> str:
        """ARN of a resource; `kind` as ARNs have it, such as `replicationgroup`."""
        return f"arn:{self.partition}:elasticache:{self.region_name}:{self.account_id}:{kind}:{name}"

    def replication_group(self, name: str) -> ReplicationGroup:
        """The group, or ReplicationGroupNotFoundFault."""
        if name not in self.replication_groups:
            raise not_found("ReplicationGroup", name)
        return self.replication_groups[name]

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """What GetResources of the tagging API finds."""
        for arn, tags in self.tags.items():
            yield TaggedResource(arn, dict(tags), f"elasticache:{arn.split(':')[5]}")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """TagResources of the tagging API."""
        self.tags_of(arn).update(tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """UntagResources of the tagging API."""
        for key in tag_keys:
            self.tags_of(arn).pop(key, None)

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a resource that exists."""
        if arn not in self.tags:
            raise AwsFailure("InvalidARN", f"The resource {arn} does not exist.")
        return self.tags[arn]


elasticache_backends: BackendDict[ElastiCacheBackend] = BackendDict(ElastiCacheBackend, "elasticache")
