"""Before a destroy: what Kubernetes made in AWS goes, and so do the secrets that the bootstrap made."""

import asyncio

from provisioning.bootstrap.v1.events_pb2 import DrainRequested

from libs.aws_access.messages import access_of
from libs.aws_access.sessions import session_for
from libs.stages import Step, StepContext
from services.cluster_bootstrapper.access_keys import IamAccessKeys
from services.cluster_bootstrapper.cloud_leftovers import AwsLeftovers
from services.cluster_bootstrapper.connection import connected, log_of, outputs_by_name
from services.cluster_bootstrapper.drain import DrainTimes, clear_cloud, drain_cluster
from services.cluster_bootstrapper.environment_secrets import schedule_secret_deletion
from services.cluster_bootstrapper.outputs import cluster_outputs
from services.cluster_bootstrapper.secrets_manager import SecretsManager
from services.cluster_bootstrapper.settings import BootstrapperSettings


class DrainSteps:
    """Drains a cluster. Each step finds nothing to do where there is nothing."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (Step("drain_cluster", self.drain_cluster), Step("release_secrets", self.release_secrets))

    async def drain_cluster(self, context: StepContext) -> None:
        request = context.request_as(DrainRequested)
        access = access_of(request.access)
        log = log_of(context)
        session = await asyncio.to_thread(session_for, access, context.attempt.id)
        known = cluster_outputs(outputs_by_name(request.outputs), access.region)
        cloud = AwsLeftovers(session, access, known.cluster_name, known.vpc_id)
        if await cloud.cluster_exists():
            async with connected(context, self._settings.helm) as connection:
                removed = await drain_cluster(connection.kube, connection.helm, cloud, log)
        else:
            removed = await clear_cloud(cloud, log, DrainTimes())
        await context.save(removed=removed)

    async def release_secrets(self, context: StepContext) -> None:
        request = context.request_as(DrainRequested)
        access = access_of(request.access)
        session = await asyncio.to_thread(session_for, access, context.attempt.id)
        if user := request.outputs.workspace_storage_user:
            await IamAccessKeys(session, access).remove_all(user)
        arns = await schedule_secret_deletion(SecretsManager(session, access, {}), context.attempt.uid)
        await context.save(restorable=arns)
        for arn in arns:
            context.log(f"{arn} goes for good in 30 days, and can be restored until then")
