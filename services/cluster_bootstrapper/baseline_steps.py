"""What Beta9 rests on: nodes, a storage class, and charts; in a customer's own cluster what it lacks of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested

from libs.stages import Step, StepContext
from services.cluster_bootstrapper.baseline_values import (
    cert_manager_values,
    device_plugin_values,
    metrics_server_values,
    nginx_ingress_values,
)
from services.cluster_bootstrapper.charts import (
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    NVIDIA_DEVICE_PLUGIN,
    Chart,
    chart_install,
)
from services.cluster_bootstrapper.connection import Connection, connected, log_of
from services.cluster_bootstrapper.document import gpu_pools, is_shared, tolerations
from services.cluster_bootstrapper.existing_parts import already_there
from services.cluster_bootstrapper.gpu_runtime import ensure_gpu_runtime
from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.nodes import wait_for_nodes
from services.cluster_bootstrapper.ownership import ensure_namespace, owned_by
from services.cluster_bootstrapper.placement import Toleration
from services.cluster_bootstrapper.ports import Json
from services.cluster_bootstrapper.settings import BootstrapperSettings
from services.cluster_bootstrapper.storage_class import ensure_storage_class

Values = Callable[[Iterable[Toleration]], Json]
"""A chart's values, given the tolerations of the system nodes' taints."""


class BaselineSteps:
    """Installs what Beta9 rests on; each step finds what is there already."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("wait_for_nodes", self.wait_for_nodes, interruptible=True),
            Step("ensure_storage_class", self.ensure_storage_class),
            self._chart("install_nginx_ingress", NGINX_INGRESS, nginx_ingress_values),
            self._chart("install_cert_manager", CERT_MANAGER, cert_manager_values),
            self._chart("install_metrics_server", METRICS_SERVER, metrics_server_values),
            Step("install_device_plugin", self.install_device_plugin, interruptible=True, applies=_has_gpus),
        )

    def _chart(self, name: str, chart: Chart, values: Values) -> Step:
        return Step(name, self._install(chart, values), interruptible=True)

    async def wait_for_nodes(self, context: StepContext) -> None:
        request = context.request_as(BootstrapRequested)
        # A cluster of the customer's own has no system group of ours: any node will do.
        wanted = 1 if is_shared(request.spec) else request.outputs.node_desired_size or 1
        async with connected(context, self._settings.helm) as connection:
            await wait_for_nodes(connection.kube, wanted, log_of(context), seconds=self._settings.node_seconds)

    async def ensure_storage_class(self, context: StepContext) -> None:
        shared = is_shared(context.request_as(BootstrapRequested).spec)
        async with connected(context, self._settings.helm) as connection:
            ours = await ensure_storage_class(connection.kube, context.attempt.uid, shared=shared)
        context.log("storage class gp3 is there" if ours else "storage class gp3 is the cluster's own, and is used")

    async def install_device_plugin(self, context: StepContext) -> None:
        async with connected(context, self._settings.helm) as connection:
            made = await ensure_gpu_runtime(connection.kube, context.attempt.uid)
        context.log("runtime class nvidia is made" if made else "runtime class nvidia is there")
        await self._install(NVIDIA_DEVICE_PLUGIN, lambda _: device_plugin_values())(context)

    def _install(self, chart: Chart, values: Values) -> Callable[[StepContext], Awaitable[None]]:
        async def install(context: StepContext) -> None:
            spec, uid = context.request_as(BootstrapRequested).spec, context.attempt.uid
            wanted = chart_install(
                chart, values(tolerations(spec)), charts_dir=self._settings.charts_dir, labels=owned_by(uid)
            )
            async with connected(context, self._settings.helm) as connection:
                if is_shared(spec) and await _is_there(context, connection, chart):
                    return
                await install_chart(connection.helm, wanted, log_of(context))

        return install


async def _is_there(context: StepContext, connection: Connection, chart: Chart) -> bool:
    """Whether the cluster does without the chart; if not, its namespace is ours afterwards."""
    found = await already_there(connection.kube, chart, context.attempt.uid)
    if found:
        context.log(f"{chart.name} is not installed: the cluster has {found}, which is used")
        return True
    await ensure_namespace(connection.kube, chart.namespace, context.attempt.uid, shared=True)
    return False


def _has_gpus(context: StepContext) -> bool:
    return bool(gpu_pools(context.request_as(BootstrapRequested).spec))
