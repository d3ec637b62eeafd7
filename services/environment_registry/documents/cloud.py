"""Rules of `cloud`: whose account, which region, by which role, under which tags, bounds and keys."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents import supported
from services.environment_registry.documents.findings import Findings, quoted

_REGION = re.compile(r"[a-z]{2}(-[a-z]{1,20}){1,3}-[0-9]{1,2}")
_ACCOUNT = re.compile(r"[0-9]{12}")
# IAM's own characters for paths and names.
_ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/[A-Za-z0-9+=,.@_/-]{1,512}")
_POLICY = re.compile(r"arn:aws:iam::([0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]{1,512}")
_KEY = re.compile(r"arn:aws:kms:([a-z0-9-]{1,30}):([0-9]{12}):key/[A-Za-z0-9-]{1,64}")
_TAG_TEXT = re.compile(r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9_.:/=+@-])?")
_MOST_TAGS = 30
# IAM knows a key by its letters, whatever their case.
_OWN_TAGS = frozenset({"environment", "environmentid", "managedby", "beta9domain", "workspace", "name"})
_FOREIGN_TAGS = ("aws:", "kubernetes.io/", "k8s.io/", "eks:")


def check_cloud(found: Findings, cloud: pb.CloudSpec, at: str, issued: str) -> None:
    """Check `cloud`; `issued` is the workspace's external id, or empty."""
    if cloud.provider == pb.PROVIDER_UNSPECIFIED:
        found.invalid(f"{at}.provider", "Is missing: give PROVIDER_AWS.")
    elif found.enum(f"{at}.provider", cloud.provider, pb.Provider) and cloud.provider not in supported.PROVIDERS:
        found.unsupported(f"{at}.provider", "Is not built by this release: use PROVIDER_AWS.")
    if cloud.provider == pb.PROVIDER_GCP:
        return  # the fields below are AWS's
    if found.match(f"{at}.region", cloud.region, _REGION, 'an AWS region such as "us-east-1"') and (
        cloud.region.startswith(supported.PARTITION_PREFIXES_REFUSED)
    ):
        found.unsupported(f"{at}.region", "Is of a partition that this release does not build in: use partition aws.")
    found.match(f"{at}.account_id", cloud.account_id, _ACCOUNT, "the twelve digits of an AWS account")
    rule = 'the ARN of an IAM role, such as "arn:aws:iam::123456789012:role/Beta9Provisioner"'
    if found.match(f"{at}.role_arn", cloud.role_arn, _ROLE, rule):
        _of_account(found, f"{at}.role_arn", cloud.role_arn, cloud)
    if cloud.service_account:
        found.invalid(f"{at}.service_account", "Is for Google Cloud: leave it out with PROVIDER_AWS.")
    if cloud.external_id and cloud.external_id != issued:
        found.invalid(
            f"{at}.external_id",
            "Is not the one issued to this workspace: leave it out, or give what IssueExternalId answers.",
        )
    _bounds(found, cloud, at)
    _tags(found, cloud, f"{at}.tags")


def _bounds(found: Findings, cloud: pb.CloudSpec, at: str) -> None:
    boundary, key = cloud.permissions_boundary_arn, cloud.kms_key_arn
    rule = 'the ARN of an IAM policy of the account, such as "arn:aws:iam::123456789012:policy/Boundary"'
    if boundary and found.match(f"{at}.permissions_boundary_arn", boundary, _POLICY, rule):
        _of_account(found, f"{at}.permissions_boundary_arn", boundary, cloud)
    if key:
        check_key(found, f"{at}.kms_key_arn", key, cloud)


def check_key(found: Findings, field: str, key: str, cloud: pb.CloudSpec) -> None:
    """Check the ARN of a key of the account and region."""
    rule = 'the ARN of a KMS key, not of an alias, such as "arn:aws:kms:us-east-1:123456789012:key/1234abcd-..."'
    if found.match(field, key, _KEY, rule):
        _of_account(found, field, key, cloud)
        region = key.split(":")[3]
        if _REGION.fullmatch(cloud.region) and region != cloud.region:
            found.invalid(field, f"Is of region {region}: must be of cloud.region.")


def _of_account(found: Findings, field: str, arn: str, cloud: pb.CloudSpec) -> None:
    account = arn.split(":")[4]
    if _ACCOUNT.fullmatch(cloud.account_id) and account != cloud.account_id:
        found.invalid(field, f"Is of account {account}: must be of cloud.account_id.")


def _tags(found: Findings, cloud: pb.CloudSpec, at: str) -> None:
    if not found.counted(at, list(cloud.tags), 0, _MOST_TAGS, "tags"):
        return
    seen: set[str] = set()
    characters = "letters, digits, spaces and _.:/=+-@, with no space at its ends"
    for key in sorted(cloud.tags):
        value, place, folded = cloud.tags[key], f"{at}[{quoted(key)}]", key.lower()
        if len(key) > 128 or _TAG_TEXT.fullmatch(key) is None:
            found.invalid(place, f"Must have a key of 1 to 128 {characters}.")
        elif folded in _OWN_TAGS:
            found.invalid(place, "Is a tag of the platform's own: use another key.")
        elif folded.startswith(_FOREIGN_TAGS) or ".kubernetes.io/" in folded or ".k8s.io/" in folded:
            found.invalid(place, "Begins as the tags of AWS, EKS or Kubernetes do: use another key.")
        elif folded in seen:
            found.invalid(place, "Differs from another key by its case alone, and IAM takes them for one: rename it.")
        seen.add(folded)
        if value and (len(value) > 256 or _TAG_TEXT.fullmatch(value) is None):
            found.invalid(place, f"Must have a value of at most 256 {characters}.")
