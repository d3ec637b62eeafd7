"""Whether a Kubernetes API with a private endpoint can be reached from here. Standard library only."""

from __future__ import annotations

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.ports import Kube
from services.cluster_bootstrapper.waiting import poll


async def prove_private_reach(
    kube: Kube, cluster: Cluster, vpc_id: str, *, seconds: float = 60.0, interval: float = 2.0
) -> None:
    """Returns once the API answers, with whatever it says.

    Raises Failure `PRIVATE_ENDPOINT_UNREACHABLE` at the deadline: not retryable, since waiting builds no route.
    """
    silence: Failure | None = None

    async def look() -> bool | None:
        nonlocal silence
        try:
            await kube.get("/version")
        except Failure as failure:
            if failure.reason == "CLUSTER_UNREACHABLE":
                silence = failure
                return None
        return True

    if await poll(look, seconds=seconds, interval=interval):
        return
    raise Failure(
        reason="PRIVATE_ENDPOINT_UNREACHABLE",
        message=(
            f"The Kubernetes API of cluster {cluster.name} can be reached from its VPC {vpc_id} alone "
            f"(cluster.endpoint_access is PRIVATE), and this service has no way into it: {cluster.endpoint} did not "
            f"answer within {seconds:.0f} s."
        ),
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=(
            "Run the bootstrapper's worker in that VPC, or give it a way there (peering, transit gateway or VPN, port "
            "443 open in the cluster's security group); or set cluster.endpoint_access to PUBLIC with the platform's "
            "addresses in cluster.public_access_cidrs. Then retry."
        ),
        resource_address=f"eks/{cluster.name}",
        private=silence.private if silence is not None else "",
    )
