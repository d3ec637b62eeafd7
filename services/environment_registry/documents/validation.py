"""`check_document`: every rule of the document, checked in one pass.

Free strings are held to strict patterns, because they end in Terraform variables, Helm values and names in AWS.
"""

from __future__ import annotations

import re

from google.protobuf.message import Message
from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents import supported
from services.environment_registry.documents.findings import Findings

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
_ACCOUNT = re.compile(r"[0-9]{12}")
# IAM's own characters for paths and role names.
_ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/[A-Za-z0-9+=,.@_/-]{1,512}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_VERSION = re.compile(r"latest|(gateway-)?[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}")
# A bucket's name has 63 characters at most, and the platform's own part needs the rest.
_BUCKET_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")
# Kubernetes' syntax of labels.
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_LABEL_PREFIX = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_RESERVED_LABELS = ("kubernetes.io", "k8s.io", "eks.amazonaws.com", "beta9.dev")
# AWS allows 50 tags and labels a node group.
_MOST_LABELS = 40


def check_document(spec: pb.EnvironmentSpec, *, issued_external_id: str, at: str = "environment.spec") -> None:
    """Check a whole document.

    Args:
        spec: the document.
        issued_external_id: the workspace's, which `cloud.external_id` must equal when it is given; empty when none
            was issued yet.
        at: the path of the document in the request, for the violations.

    Raises:
        Failure: DOCUMENT_INVALID or DOCUMENT_NOT_SUPPORTED, with every violation at once.
    """
    found = Findings()
    _cloud(found, spec.cloud, f"{at}.cloud", issued_external_id)
    _cluster(found, spec.cluster, f"{at}.cluster")
    _data(found, spec.data, f"{at}.data")
    _beta9(found, spec.beta9, f"{at}.beta9")
    for path in supported.NOT_BUILT:
        if _is_set(spec, path):
            found.unsupported(f"{at}.{path}", "Is not built by this release: leave it out.")
    found.raise_if_any()


def _is_set(spec: pb.EnvironmentSpec, path: str) -> bool:
    """Say whether a document has the field, also where it says the default."""
    message: Message = spec
    *parents, leaf = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    return any(field.name == leaf for field, _ in message.ListFields())


def _cloud(found: Findings, cloud: pb.CloudSpec, at: str, issued: str) -> None:
    if cloud.provider == pb.PROVIDER_UNSPECIFIED:
        found.invalid(f"{at}.provider", "Is missing: give PROVIDER_AWS.")
    else:
        found.choice(f"{at}.provider", cloud.provider, pb.Provider.values(), supported.PROVIDERS, "PROVIDER_AWS")
    if cloud.provider == pb.PROVIDER_GCP:
        return  # the fields below are AWS's
    if found.match(f"{at}.region", cloud.region, _REGION, 'an AWS region such as "us-east-1"') and (
        cloud.region.startswith(supported.PARTITION_PREFIXES_REFUSED)
    ):
        found.unsupported(f"{at}.region", "Is of a partition that this release does not build in: use partition aws.")
    known = found.match(f"{at}.account_id", cloud.account_id, _ACCOUNT, "the twelve digits of an AWS account")
    rule = 'the ARN of an IAM role, such as "arn:aws:iam::123456789012:role/Beta9Provisioner"'
    if found.match(f"{at}.role_arn", cloud.role_arn, _ROLE, rule):
        account = cloud.role_arn.split(":")[4]
        if known and account != cloud.account_id:
            found.invalid(f"{at}.role_arn", f"Is of account {account}: must be of cloud.account_id.")
    if cloud.service_account:
        found.invalid(f"{at}.service_account", "Is for Google Cloud: leave it out with PROVIDER_AWS.")
    if cloud.external_id and cloud.external_id != issued:
        found.invalid(
            f"{at}.external_id",
            "Is not the one issued to this workspace: leave it out, or give what IssueExternalId answers.",
        )


def _cluster(found: Findings, cluster: pb.ClusterSpec, at: str) -> None:
    if cluster.profile:
        found.choice(
            f"{at}.profile", cluster.profile, pb.Profile.values(), supported.PROFILES, "PROFILE_SMALL"
        )  # fmt: skip
    if cluster.use_existing and not supported.EXISTING_CLUSTERS:
        found.unsupported(f"{at}.use_existing", "Is not built by this release: leave it out for a cluster of its own.")
    if cluster.existing_cluster_name and not cluster.use_existing:
        found.invalid(f"{at}.existing_cluster_name", "Says nothing without use_existing: leave it out.")
    if cluster.node_taints and not supported.NODE_TAINTS:
        found.unsupported(f"{at}.node_taints", "Is not built by this release: leave it out.")
    if len(cluster.node_labels) > _MOST_LABELS:
        found.invalid(f"{at}.node_labels", f"Has {len(cluster.node_labels)} labels: give at most {_MOST_LABELS}.")
    for key in sorted(cluster.node_labels):
        _label(found, key, cluster.node_labels[key], f"{at}.node_labels[{key[:80]!r}]")


def _label(found: Findings, key: str, value: str, at: str) -> None:
    prefix, slash, name = key.rpartition("/")
    legal = _LABEL_NAME.fullmatch(name) and (not slash or _LABEL_PREFIX.fullmatch(prefix))
    if not legal:
        found.invalid(at, "Must have a key of Kubernetes' form [prefix/]name.")
    elif any(prefix == own or prefix.endswith(f".{own}") for own in _RESERVED_LABELS):
        found.invalid(at, "Has a prefix that Kubernetes, EKS or the platform keeps for itself: use another.")
    if _LABEL_VALUE.fullmatch(value) is None:
        found.invalid(at, "Must have a value of at most 63 letters, digits, '-', '_' and '.'.")


def _data(found: Findings, data: pb.DataSpec, at: str) -> None:
    postgres, redis, store = data.postgres, data.redis, data.object_store
    if postgres.size:
        found.choice(
            f"{at}.postgres.size", postgres.size, pb.Size.values(), supported.POSTGRES_SIZES, "SIZE_SMALL"
        )  # fmt: skip
    if postgres.HasField("backup_retention_days"):
        found.within(f"{at}.postgres.backup_retention_days", postgres.backup_retention_days, 0, 35)
    if postgres.HasField("storage_gb"):
        found.within(f"{at}.postgres.storage_gb", postgres.storage_gb, 20, 65536)
    if redis.size:
        found.choice(f"{at}.redis.size", redis.size, pb.Size.values(), supported.REDIS_SIZES, "SIZE_SMALL")
    if redis.HasField("num_replicas"):
        found.within(f"{at}.redis.num_replicas", redis.num_replicas, 0, 5)
        if redis.num_replicas == 0 and (not redis.HasField("ha") or redis.ha):
            found.invalid(
                f"{at}.redis.num_replicas", "Is 0, but ha needs a replica: give at least 1, or set ha to false."
            )
    if store.HasField("bucket_prefix"):
        rule = "1 to 30 lower-case letters, digits and hyphens that start and end with a letter or digit"
        found.match(f"{at}.object_store.bucket_prefix", store.bucket_prefix, _BUCKET_PREFIX, rule)
    if store.HasField("lifecycle_days"):
        found.within(f"{at}.object_store.lifecycle_days", store.lifecycle_days, 1, 3650)


def _beta9(found: Findings, beta9: pb.Beta9Spec, at: str) -> None:
    found.match(f"{at}.domain", beta9.domain, _DOMAIN, 'a lower-case DNS name such as "beta9.example.com"')
    if beta9.HasField("version"):
        found.match(f"{at}.version", beta9.version, _VERSION, '"latest" or a release such as "0.1.762"')
    workers = beta9.workers
    if workers.gpu_enabled and not supported.GPU_WORKERS:
        found.unsupported(f"{at}.workers.gpu_enabled", "Is not built by this release: leave it out.")
    if workers.gpu_type and workers.gpu_type not in pb.GpuType.values():
        found.invalid(f"{at}.workers.gpu_type", f"{workers.gpu_type} is not a value of the contract.")
    elif workers.gpu_type and not workers.gpu_enabled:
        found.invalid(f"{at}.workers.gpu_type", "Says nothing without gpu_enabled: leave it out.")
    least = workers.min_workers if workers.HasField("min_workers") else 1
    most = workers.max_workers if workers.HasField("max_workers") else 10
    found.within(f"{at}.workers.min_workers", least, 0, 1000)
    found.within(f"{at}.workers.max_workers", most, 1, 1000)
    if least > most:
        found.invalid(f"{at}.workers.min_workers", f"Is {least}, more than max_workers, which is {most}.")
