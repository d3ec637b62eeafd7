"""How this service serves its requests, step by step."""

from collections.abc import Awaitable, Callable

from google.protobuf.message import Message
from provisioning.bootstrap.v1.bootstrap_pb2 import Phase
from provisioning.bootstrap.v1.events_pb2 import (
    BaselineBootstrapped,
    BootstrapRequested,
    ClusterBootstrapped,
    ClusterDrained,
    DrainRequested,
)
from provisioning.environment.v1.environment_pb2 import KeptResource

from libs.stages import Flow, Step, StepContext
from services.cluster_bootstrapper.baseline_values import (
    cert_manager_values,
    metrics_server_values,
    nginx_ingress_values,
)
from services.cluster_bootstrapper.beta9_steps import Beta9Steps
from services.cluster_bootstrapper.charts import (
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    Chart,
    chart_install,
)
from services.cluster_bootstrapper.connection import connected, log_of
from services.cluster_bootstrapper.drain_steps import DrainSteps
from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.nodes import wait_for_nodes
from services.cluster_bootstrapper.ports import Json
from services.cluster_bootstrapper.settings import BootstrapperSettings
from services.cluster_bootstrapper.storage_class import ensure_storage_class


def flows(settings: BootstrapperSettings) -> dict[str, Flow]:
    """The flows by request type; a bootstrap has those steps that its phase needs."""
    baseline, beta9, drain = BaselineSteps(settings), Beta9Steps(settings), DrainSteps(settings)
    bootstrap = Flow(
        BootstrapRequested.DESCRIPTOR.full_name,
        (
            *_only(Phase.PHASE_BASELINE, baseline.steps()),
            *_only(Phase.PHASE_BETA9, beta9.steps()),
        ),
        _bootstrapped,
    )
    drained = Flow(DrainRequested.DESCRIPTOR.full_name, drain.steps(), _drained)
    return {flow.request_type: flow for flow in (bootstrap, drained)}


def _only(phase: Phase, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(
        Step(step.name, step.run, step.on_every_worker, step.tries, applies=_is_phase(phase)) for step in steps
    )


def _is_phase(phase: Phase) -> Callable[[StepContext], bool]:
    return lambda context: context.request_as(BootstrapRequested).phase == phase


def _bootstrapped(context: StepContext) -> Message:
    request = context.request_as(BootstrapRequested)
    if request.phase == Phase.PHASE_BASELINE:
        return BaselineBootstrapped(hand_over=request.hand_over)
    answer = ClusterBootstrapped(hand_over=request.hand_over)
    answer.outputs.admin_token_secret_arn = context.text("admin_token_secret_arn")
    answer.outputs.encryption_key_secret_arn = context.text("encryption_key_secret_arn")
    answer.outputs.gateway_url = f"https://{request.spec.beta9.domain}"
    return answer


_RESTORABLE = "The secret goes for good in 30 days; until then a database snapshot can be used with it."


def _drained(context: StepContext) -> ClusterDrained:
    removed, restorable = context.data.get("removed", []), context.data.get("restorable", [])
    assert isinstance(removed, list) and isinstance(restorable, list)
    request = context.request_as(DrainRequested)
    return ClusterDrained(
        hand_over=request.hand_over,
        removed=removed,
        kept=[KeptResource(resource=arn, reason=_RESTORABLE) for arn in restorable],
    )


class BaselineSteps:
    """What Beta9 rests on: nodes, a storage class, and three charts."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("wait_for_nodes", self.wait_for_nodes),
            Step("ensure_storage_class", self.ensure_storage_class),
            Step("install_nginx_ingress", self._install(NGINX_INGRESS, nginx_ingress_values)),
            Step("install_cert_manager", self._install(CERT_MANAGER, cert_manager_values)),
            Step("install_metrics_server", self._install(METRICS_SERVER, metrics_server_values)),
        )

    async def wait_for_nodes(self, context: StepContext) -> None:
        wanted = context.request_as(BootstrapRequested).outputs.node_desired_size or 1
        async with connected(context, self._settings.helm) as connection:
            await wait_for_nodes(connection.kube, wanted, log_of(context), seconds=self._settings.node_seconds)

    async def ensure_storage_class(self, context: StepContext) -> None:
        async with connected(context, self._settings.helm) as connection:
            await ensure_storage_class(connection.kube)
        context.log("storage class gp3 is there")

    def _install(self, chart: Chart, values: Callable[[], Json]) -> Callable[[StepContext], Awaitable[None]]:
        async def install(context: StepContext) -> None:
            wanted = chart_install(chart, values(), charts_dir=self._settings.charts_dir)
            async with connected(context, self._settings.helm) as connection:
                await install_chart(connection.helm, wanted, log_of(context))

        return install
