"""A cluster of the customer's own."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.checks.kubernetes import unsupported
from services.infra_engine.preflight.facts import ExistingCluster, Facts, Unreadable
from services.infra_engine.preflight.findings import Finding

_FIELD = "cluster.existing_cluster_name"


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """CLUSTER_ findings, its Kubernetes version's support, its OIDC provider and its EBS driver."""
    wanted = asked.stack_input.cluster
    if wanted.existing_name is None or isinstance(facts.cluster, Unreadable):
        return
    if facts.cluster is None:
        yield Finding(
            "CLUSTER_NOT_FOUND",
            _FIELD,
            f"There is no EKS cluster {wanted.existing_name} in {asked.stack_input.account.region}.",
            "Give the name of a cluster of the account and region.",
        )
        return
    found = facts.cluster
    yield from unsupported(_FIELD, found.version, facts, extended=True)
    yield from _existing(asked, found)
    yield from _occupied(found, facts)
    yield from _identity(asked, found, facts)


def _existing(asked: Asked, found: ExistingCluster) -> Iterator[Finding]:
    role = asked.stack_input.account.role_arn
    if found.status != "ACTIVE":
        yield Finding(
            "CLUSTER_NOT_ACTIVE", _FIELD, f"The cluster {found.name} is {found.status}.", "Wait until it is ACTIVE."
        )
    if found.authentication_mode == "CONFIG_MAP":
        yield Finding(
            "CLUSTER_ACCESS_UNKNOWN",
            _FIELD,
            f"{found.name} knows its users by the aws-auth ConfigMap alone, which AWS cannot read.",
            f"Make sure that aws-auth maps {role} to system:masters, or switch to API_AND_CONFIG_MAP.",
            blocking=False,
        )
    elif found.access is False:
        yield Finding(
            "CLUSTER_ACCESS_MISSING",
            _FIELD,
            f"{role} has no access entry with AmazonEKSClusterAdminPolicy in {found.name}.",
            f"Create an access entry for {role} and associate AmazonEKSClusterAdminPolicy for the whole cluster.",
        )
    if not found.reachable:
        yield Finding(
            "CLUSTER_UNREACHABLE",
            _FIELD,
            f"This service cannot connect to {found.endpoint or 'the endpoint'}.",
            "Add this platform's address to the public endpoint's CIDRs."
            if found.public_endpoint
            else "Enable the public endpoint for this platform's address, or give the platform a way into the VPC.",
        )
    if found.ebs_csi_driver is None:
        yield Finding(
            "EBS_CSI_DRIVER_NOT_FOUND",
            _FIELD,
            f"{found.name} has no add-on aws-ebs-csi-driver.",
            "Install the add-on, unless the driver was installed in another way.",
            blocking=False,
        )
    elif found.ebs_csi_driver not in ("ACTIVE", "UPDATING"):
        yield Finding(
            "EBS_CSI_DRIVER_NOT_ACTIVE",
            _FIELD,
            f"The add-on aws-ebs-csi-driver of {found.name} is {found.ebs_csi_driver}.",
            "Mend the add-on: volumes are not made without it.",
        )


def _occupied(found: ExistingCluster, facts: Facts) -> Iterator[Finding]:
    """An environment in a cluster opens its stores to it, whoever brought the OIDC provider."""
    others = set[str]() if isinstance(facts.neighbours, Unreadable) else set(facts.neighbours)
    if found.issuer is not None and not isinstance(facts.oidc_providers, Unreadable):
        # Its delete would take the provider away from under this one's pods.
        others.add(facts.oidc_providers.get(found.issuer.removeprefix("https://"), ""))
    if uids := ", ".join(sorted(others - {""})):
        yield Finding(
            "CLUSTER_OCCUPIED",
            _FIELD,
            f"{found.name} has another environment already, with the uid {uids}.",
            "Delete that environment first, or give another cluster: each takes one environment.",
        )


def _identity(asked: Asked, found: ExistingCluster, facts: Facts) -> Iterator[Finding]:
    if found.issuer is None:
        yield Finding(
            "CLUSTER_WITHOUT_OIDC",
            _FIELD,
            f"{found.name} has no OIDC issuer, by which pods assume roles.",
            "Use a cluster that EKS made; every one of them has an issuer.",
        )
        return
    known, issuer = facts.oidc_providers, found.issuer.removeprefix("https://")
    if isinstance(known, Unreadable):
        return
    if not asked.stack_input.cluster.create_oidc_provider and issuer not in known:
        yield Finding(
            "OIDC_PROVIDER_NOT_FOUND",
            _FIELD,
            f"The account has no IAM OIDC provider for {found.issuer}.",
            "Create it, or let this platform create it.",
        )
