"""Which pods the gateway runs in and what keeps them. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from services.cluster_bootstrapper.charts import BETA9
from services.cluster_bootstrapper.ports import Json, Kube
from services.cluster_bootstrapper.values import GATEWAY_SERVICE


@dataclass(frozen=True)
class PodState:
    """A pod, whether its containers run, and what the API says about it in one line."""

    name: str
    running: bool
    ready: bool
    summary: str


async def gateway_pods(kube: Kube) -> list[PodState]:
    """The pods behind the gateway's Service, the ready ones first; none if there is no Service yet."""
    namespace = BETA9.namespace
    service = await kube.get(f"/api/v1/namespaces/{namespace}/services/{GATEWAY_SERVICE}")
    selector = ((service or {}).get("spec") or {}).get("selector") or {}
    if not selector:
        return []
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    pods = await kube.list(f"/api/v1/namespaces/{namespace}/pods", label_selector=labels)
    states = [pod_state(pod) for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    return sorted(states, key=lambda state: (not state.ready, not state.running, state.name))


def pod_state(pod: Json) -> PodState:
    """What a pod's status comes to; the first container that waits or has ended says why."""
    name = str(pod["metadata"]["name"])
    status = pod.get("status") or {}
    phase = str(status.get("phase") or "Unknown")
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in status.get("conditions") or []
    )
    containers = [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
    troubles = [text for container in containers if (text := _trouble(container))]
    if not troubles and phase == "Pending":
        troubles = [
            str(condition.get("message") or condition.get("reason") or "")
            for condition in status.get("conditions") or []
            if condition.get("type") == "PodScheduled" and condition.get("status") == "False"
        ]
    parts = [phase, "ready" if ready else "not ready", *troubles[:1]]
    return PodState(name, phase == "Running", ready, f"{name}: {', '.join(parts)}")


def _trouble(container: Json) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting"), state.get("terminated")
    restarts = int(container.get("restartCount") or 0)
    again = f" after {restarts} restarts" if restarts else ""
    if waiting and waiting.get("reason") != "PodInitializing":
        return f"{container.get('name')} {waiting.get('reason')}{again}"
    if ended and ended.get("exitCode"):
        return f"{container.get('name')} ended with code {ended.get('exitCode')}{again}"
    return ""
