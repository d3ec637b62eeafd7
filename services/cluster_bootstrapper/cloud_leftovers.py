"""`CloudLeftovers` on AWS: what a cluster's controllers made, found by the tags that they set.

The SDK comes in with the session. Clients are made when they are first needed: EC2's alone takes 24 MB.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from services.cluster_bootstrapper.ports import CloudLeftover

if TYPE_CHECKING:
    import boto3

LOAD_BALANCER = "load balancer"
CLASSIC_LOAD_BALANCER = "classic load balancer"
TARGET_GROUP = "target group"
NETWORK_INTERFACE = "network interface"
SECURITY_GROUP = "security group"
VOLUME = "EBS volume"

# The load balancer controller's tag; the cloud provider's and the EBS driver's is made of the cluster's name.
_CONTROLLER_TAG = "elbv2.k8s.aws/cluster"
# EKS puts the cluster's tag on a security group of its own too; it goes with the cluster.
_EKS_OWN_TAG = "aws:eks:cluster-name"
_EKS_OWN_NAME = "eks-cluster-sg-"
_SERVICE_TAGS = ("kubernetes.io/service-name", "service.k8s.aws/stack", "ingress.k8s.aws/stack")
_CLAIM_NAMESPACE, _CLAIM_NAME = "kubernetes.io/created-for/pvc/namespace", "kubernetes.io/created-for/pvc/name"
# An interface says only which load balancer it is of; these names are the controllers': `a` and the Service's uid by
# the cloud provider's, `k8s-...` by the load balancer controller's.
_CONTROLLERS_BALANCER = re.compile(r"ELB ((net|app)/)?(a[0-9a-f]{31}|k8s-[a-z0-9-]+)(/[0-9a-f]+)?")
_TAGS_A_CALL = 20
_ALREADY_GONE = frozenset(
    {"LoadBalancerNotFound", "AccessPointNotFound", "TargetGroupNotFound", "InvalidGroup.NotFound"}
)


class AwsLeftovers:
    """See `ports.CloudLeftovers`. `vpc_id` bounds the search for network interfaces.

    With `namespaces` it finds what Services and claims of those left, and no network interfaces: they do not say whose
    they are.
    """

    def __init__(
        self,
        session: boto3.Session,
        access: AwsAccess,
        cluster_name: str,
        vpc_id: str,
        namespaces: frozenset[str] | None = None,
    ) -> None:
        self._namespaces = namespaces
        self._session = session
        self._access = access
        self._cluster = cluster_name
        self._vpc = vpc_id
        self._tag = f"kubernetes.io/cluster/{cluster_name}"
        self._clients: dict[str, Any] = {}

    async def cluster_exists(self) -> bool:
        return await asyncio.to_thread(self._cluster_exists)

    async def find(self) -> list[CloudLeftover]:
        return await asyncio.to_thread(self._find)

    async def remove(self, leftover: CloudLeftover) -> bool:
        return await asyncio.to_thread(self._remove, leftover)

    def _cluster_exists(self) -> bool:
        try:
            self._client("eks").describe_cluster(name=self._cluster)
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise aws_failure(error, self._access, f"describe the cluster {self._cluster}") from error
        return True

    def _find(self) -> list[CloudLeftover]:
        try:
            return [
                *self._elbv2("describe_load_balancers", "LoadBalancer", LOAD_BALANCER),
                *self._elbv2("describe_target_groups", "TargetGroup", TARGET_GROUP),
                *self._classic(),
                *(self._interfaces() if self._namespaces is None else ()),
                *self._security_groups(),
                *self._volumes(),
            ]
        except Exception as error:
            raise aws_failure(error, self._access, f"look for what cluster {self._cluster} left in AWS") from error

    def _elbv2(self, operation: str, what: str, kind: str) -> Iterator[CloudLeftover]:
        elb = self._client("elbv2")
        items = [item for page in _pages(elb, operation) for item in page[f"{what}s"]]
        arns = [str(item[f"{what}Arn"]) for item in items if item.get("VpcId") == self._vpc]
        for some in _batches(arns):
            for described in elb.describe_tags(ResourceArns=some)["TagDescriptions"]:
                tags = _tags(described["Tags"])
                if self._ours(tags):
                    arn = str(described["ResourceArn"])
                    command = f"aws elbv2 delete-{kind.replace(' ', '-')} --{kind.replace(' ', '-')}-arn {arn}"
                    yield CloudLeftover(kind, arn, _service(tags), f"delete it ({command})")

    def _classic(self) -> Iterator[CloudLeftover]:
        elb = self._client("elb")
        items = [item for page in _pages(elb, "describe_load_balancers") for item in page["LoadBalancerDescriptions"]]
        names = [str(item["LoadBalancerName"]) for item in items if item.get("VPCId") == self._vpc]
        for some in _batches(names):
            for described in elb.describe_tags(LoadBalancerNames=some)["TagDescriptions"]:
                tags = _tags(described["Tags"])
                if self._ours(tags):
                    name = str(described["LoadBalancerName"])
                    arn = self._arn("elasticloadbalancing", f"loadbalancer/{name}")
                    command = f"aws elb delete-load-balancer --load-balancer-name {name}"
                    yield CloudLeftover(CLASSIC_LOAD_BALANCER, arn, _service(tags), f"delete it ({command})")

    def _interfaces(self) -> Iterator[CloudLeftover]:
        filters = [
            {"Name": "vpc-id", "Values": [self._vpc]},
            {"Name": "description", "Values": ["ELB *"]},
        ]
        for page in _pages(self._client("ec2"), "describe_network_interfaces", Filters=filters):
            for item in page["NetworkInterfaces"]:
                identity, description = str(item["NetworkInterfaceId"]), str(item.get("Description", ""))
                if not _CONTROLLERS_BALANCER.fullmatch(description):
                    continue
                owner = description.removeprefix("ELB ")
                yield CloudLeftover(
                    NETWORK_INTERFACE,
                    self._arn("ec2", f"network-interface/{identity}"),
                    f"load balancer {owner}",
                    "it goes some minutes after its load balancer; delete that one if it is still there",
                )

    def _security_groups(self) -> Iterator[CloudLeftover]:
        filters = [{"Name": f"tag:{self._tag}", "Values": ["owned"]}]
        for page in _pages(self._client("ec2"), "describe_security_groups", Filters=filters):
            for item in page["SecurityGroups"]:
                tags, name = _tags(item.get("Tags", [])), str(item["GroupName"])
                if _EKS_OWN_TAG in tags or name.startswith(_EKS_OWN_NAME) or not self._is_within(tags):
                    continue
                identity = str(item["GroupId"])
                yield CloudLeftover(
                    SECURITY_GROUP,
                    self._arn("ec2", f"security-group/{identity}"),
                    _service(tags),
                    f"delete it (aws ec2 delete-security-group --group-id {identity})",
                )

    def _volumes(self) -> Iterator[CloudLeftover]:
        filters = [
            {"Name": f"tag:{self._tag}", "Values": ["owned"]},
            {"Name": "tag-key", "Values": [_CLAIM_NAME]},
        ]
        for page in _pages(self._client("ec2"), "describe_volumes", Filters=filters):
            for item in page["Volumes"]:
                tags, identity = _tags(item.get("Tags", [])), str(item["VolumeId"])
                if not self._is_within(tags):
                    continue
                yield CloudLeftover(
                    VOLUME,
                    self._arn("ec2", f"volume/{identity}"),
                    f"claim {tags.get(_CLAIM_NAMESPACE, '?')}/{tags.get(_CLAIM_NAME, '?')}",
                    f"snapshot it if its data matters, then delete it (aws ec2 delete-volume --volume-id {identity})",
                )

    def _remove(self, leftover: CloudLeftover) -> bool:
        identity = leftover.arn.rpartition("/")[2]
        deletes: dict[str, Callable[[], object]] = {
            LOAD_BALANCER: lambda: self._client("elbv2").delete_load_balancer(LoadBalancerArn=leftover.arn),
            TARGET_GROUP: lambda: self._client("elbv2").delete_target_group(TargetGroupArn=leftover.arn),
            CLASSIC_LOAD_BALANCER: lambda: self._client("elb").delete_load_balancer(LoadBalancerName=identity),
            SECURITY_GROUP: lambda: self._client("ec2").delete_security_group(GroupId=identity),
        }
        delete = deletes.get(leftover.kind)
        if delete is None:
            return False
        try:
            delete()
        except Exception as error:
            # In use by something that is still going: the next round finds it again.
            if error_code(error) in _ALREADY_GONE | {"DependencyViolation", "ResourceInUse"}:
                return False
            raise aws_failure(
                error, self._access, f"delete the {leftover.kind} {leftover.arn}", leftover.arn
            ) from error
        return True

    def _ours(self, tags: Mapping[str, str]) -> bool:
        of_cluster = tags.get(self._tag) == "owned" or tags.get(_CONTROLLER_TAG) == self._cluster
        return of_cluster and self._is_within(tags)

    def _is_within(self, tags: Mapping[str, str]) -> bool:
        """Whether it is of a Service, an Ingress or a claim of the namespaces."""
        if self._namespaces is None:
            return True
        owner = tags.get(_CLAIM_NAMESPACE) or _owner(tags).partition("/")[0]
        return owner in self._namespaces

    def _arn(self, service: str, resource: str) -> str:
        access = self._access
        return f"arn:{access.partition}:{service}:{access.region}:{access.account_id}:{resource}"

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]


def _pages(client: Any, operation: str, **arguments: Any) -> Iterable[dict[str, Any]]:
    pages: Iterable[dict[str, Any]] = client.get_paginator(operation).paginate(**arguments)
    return pages


def _batches(items: list[str]) -> Iterator[list[str]]:
    remaining = iter(items)
    while some := list(islice(remaining, _TAGS_A_CALL)):
        yield some


def _tags(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}


def _owner(tags: Mapping[str, str]) -> str:
    """Namespace and name of the Service or Ingress."""
    return next((tags[name] for name in _SERVICE_TAGS if name in tags), "")


def _service(tags: Mapping[str, str]) -> str:
    owner = _owner(tags)
    return f"service {owner}" if owner else "a service of the cluster"
