"""Whether the gateway answers: its own health check, asked through the Kubernetes API. Standard library only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import BETA9
from services.cluster_bootstrapper.gateway_pods import PodState, gateway_pods
from services.cluster_bootstrapper.ports import ByteStream, Kube, Log
from services.cluster_bootstrapper.values import GATEWAY_SERVICE, HTTP_PORT
from services.cluster_bootstrapper.waiting import poll

HEALTH_PATH = "/api/v1/health"
_ANSWER_SECONDS = 10.0
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class HealthAnswer:
    """What the gateway said: the HTTP status, and the beginning of the body on one line."""

    status: int
    body: str

    @property
    def healthy(self) -> bool:
        return self.status == 200

    def __str__(self) -> str:
        return f"HTTP {self.status} {self.body}".strip()


async def wait_for_gateway(kube: Kube, log: Log, *, seconds: float = 600, interval: float = 2.0) -> str:
    """The name of a gateway pod that answered its health check with 200.

    Raises Failure `GATEWAY_NEVER_ANSWERED` at the deadline, with the last answer and the pods' state.
    """
    pods: list[PodState] = []
    last, told = "nothing was asked: there was no running pod", ""

    async def look() -> str | None:
        nonlocal pods, last, told
        try:
            pods = await gateway_pods(kube)
            for pod in pods:
                if pod.running:
                    answer = await check_health(kube, pod.name)
                    last = f"{pod.name}: {answer}"
                    if answer.healthy:
                        await log(f"the gateway answered its health check ({last})")
                        return pod.name
        except Failure as failure:
            if not failure.retryable:
                raise
            last = f"{failure.message} {failure.private}".strip()
        line = f"the gateway is not healthy yet: {last}"
        if line != told:
            told = line
            await log(line)
        return None

    found = await poll(look, seconds=seconds, interval=interval, cut=True)
    if found is not None:
        return found
    state = "; ".join(pod.summary for pod in pods) or "there is no gateway pod"
    raise Failure(
        reason="GATEWAY_NEVER_ANSWERED",
        message=(
            f"Beta9's gateway did not answer its health check within {seconds:.0f} s. "
            f"Last answer: {last}. Pods: {state}."
        ),
        kind=Kind.DEADLINE_EXCEEDED,
        retryable=True,
        actor=Actor.PLATFORM,
        remedy=(
            "See the gateway pod's log: it ends when it cannot reach Postgres, Redis or the bucket, "
            "or cannot read its configuration; mend that, then retry."
        ),
        resource_address=f"service/{BETA9.namespace}/{GATEWAY_SERVICE}",
        metadata={"last_answer": last[:500], "pods": state[:1000]},
    )


async def check_health(kube: Kube, pod: str) -> HealthAnswer:
    """One GET of the health check. Raises Failure `PORT_FORWARD_FAILED` or `GATEWAY_SILENT`, both retryable."""
    request = (
        f"GET {HEALTH_PATH} HTTP/1.1\r\nHost: {GATEWAY_SERVICE}\r\n"
        "Accept: application/json\r\nConnection: close\r\n\r\n"
    )
    try:
        async with (
            kube.forward(BETA9.namespace, pod, HTTP_PORT) as stream,
            asyncio.timeout(_ANSWER_SECONDS),
        ):
            await stream.write(request.encode())
            return parse_answer(await _whole(stream))
    except (OSError, TimeoutError, ValueError) as error:
        raise Failure(
            reason="GATEWAY_SILENT",
            message=f"The gateway in pod {pod} gave no answer.",
            kind=Kind.UNAVAILABLE,
            retryable=True,
            actor=Actor.NOBODY,
            remedy="It is asked again.",
            resource_address=f"pod/{BETA9.namespace}/{pod}",
            private=f"{type(error).__name__}: {error}",
        ) from error


async def _whole(stream: ByteStream) -> bytes:
    answer = b""
    while (part := await stream.read()) and len(answer) < _LONGEST_ANSWER:
        answer += part
        head, found, body = answer.partition(b"\r\n\r\n")
        length = _content_length(head)
        # Some servers keep the connection open whatever they are asked.
        if found and length is not None and len(body) >= length:
            break
    return answer


def _content_length(head: bytes) -> int | None:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def parse_answer(answer: bytes) -> HealthAnswer:
    """An HTTP/1.1 answer's status and body. Raises ValueError for anything else."""
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ValueError("what answered does not speak HTTP")
    text = " ".join(body.decode("utf-8", "replace").split())
    return HealthAnswer(int(words[1]), text[:300])
