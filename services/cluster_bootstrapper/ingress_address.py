"""Where the ingress controller can be reached: what the domain's DNS has to point at. Standard library only."""

from __future__ import annotations

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import NGINX_INGRESS
from services.cluster_bootstrapper.ports import Kube, Log
from services.cluster_bootstrapper.waiting import poll

_SERVICES = f"/api/v1/namespaces/{NGINX_INGRESS.namespace}/services"


async def ingress_address(kube: Kube, log: Log, *, seconds: float = 300, interval: float = 2.0) -> str:
    """The host name of the controller's load balancer, once it has one.

    Raises Failure `LOAD_BALANCER_NOT_READY` at the deadline.
    """

    async def look() -> str | None:
        for service in await kube.list(_SERVICES):
            if (service.get("spec") or {}).get("type") != "LoadBalancer":
                continue
            status = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
            for entry in status:
                if address := entry.get("hostname") or entry.get("ip"):
                    return str(address)
        return None

    address = await poll(look, seconds=seconds, interval=interval)
    if address is None:
        raise Failure(
            reason="LOAD_BALANCER_NOT_READY",
            message=f"The ingress controller's load balancer had no address after {seconds:.0f} s.",
            kind=Kind.DEADLINE_EXCEEDED,
            retryable=True,
            actor=Actor.CUSTOMER,
            remedy="See the events of its Service (subnet tags, load balancer quota), mend them, then retry.",
            resource_address=f"service/{NGINX_INGRESS.namespace}",
        )
    await log(f"the ingress controller answers at {address}")
    return address
