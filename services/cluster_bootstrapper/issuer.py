"""Where certificates come from: a ClusterIssuer of cert-manager. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable

from libs.failures import Failure
from services.cluster_bootstrapper.baseline_values import INGRESS_CLASS
from services.cluster_bootstrapper.placement import Toleration, manifests
from services.cluster_bootstrapper.ports import Json, Kube, Log
from services.cluster_bootstrapper.waiting import poll

# A name that no issuer of a customer's own cluster has.
ISSUER = "beta9-letsencrypt"
ACME_SERVER = "https://acme-v02.api.letsencrypt.org/directory"

_API = "/apis/cert-manager.io/v1"
_PATH = f"{_API}/clusterissuers/{ISSUER}"


def cluster_issuer(acme_server: str = ACME_SERVER, tolerations: Iterable[Toleration] = ()) -> Json:
    """Certificates by ACME; the proof goes through the ingress controller, so it waits for the domain's DNS.

    `tolerations` are for the pods that answer the proof.
    """
    pods = {"podTemplate": {"spec": {"tolerations": tolerated}}} if (tolerated := manifests(tolerations)) else {}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": ISSUER},
        "spec": {
            "acme": {
                "server": acme_server,
                "privateKeySecretRef": {"name": f"{ISSUER}-account"},
                "solvers": [{"http01": {"ingress": {"ingressClassName": INGRESS_CLASS, **pods}}}],
            }
        },
    }


async def ensure_issuer(
    kube: Kube,
    log: Log,
    tolerations: Iterable[Toleration] = (),
    *,
    acme_server: str = ACME_SERVER,
    seconds: float = 120,
    interval: float = 2.0,
) -> None:
    """Makes the issuer. Idempotent. cert-manager's webhook answers some seconds after its pods are ready, so a
    refusal is tried again until the deadline; then it is raised.
    """
    refusal: Failure | None = None
    issuer = cluster_issuer(acme_server, tolerations)

    async def apply() -> bool | None:
        nonlocal refusal
        try:
            await kube.apply(_PATH, issuer)
        except Failure as failure:
            refusal = failure
            return None
        return True

    if not await poll(apply, seconds=seconds, interval=interval):
        assert refusal is not None
        raise refusal
    await log(f"cluster issuer {ISSUER} is there")
