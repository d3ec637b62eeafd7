"""Before a destroy: what Kubernetes made in AWS goes, and so do the secrets that the bootstrap made."""

import asyncio

from provisioning.bootstrap.v1.events_pb2 import DrainRequested

from libs.aws_access.messages import access_of
from libs.aws_access.sessions import session_for
from libs.stages import Step, StepContext
from services.cluster_bootstrapper.access_keys import IamAccessKeys
from services.cluster_bootstrapper.cloud_clearing import DrainTimes, clear_cloud
from services.cluster_bootstrapper.cloud_leftovers import AwsLeftovers
from services.cluster_bootstrapper.connection import connected, log_of, outputs_by_name
from services.cluster_bootstrapper.document import is_shared
from services.cluster_bootstrapper.drain import drain_cluster, drain_shared_cluster
from services.cluster_bootstrapper.environment_secrets import schedule_secret_deletion
from services.cluster_bootstrapper.outputs import cluster_outputs
from services.cluster_bootstrapper.ownership import our_namespaces
from services.cluster_bootstrapper.secrets_manager import SecretsManager
from services.cluster_bootstrapper.settings import BootstrapperSettings


class DrainSteps:
    """Drains a cluster. Each step finds nothing to do where there is nothing."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("drain_cluster", self.drain_cluster, interruptible=True),
            Step("release_secrets", self.release_secrets),
        )

    async def drain_cluster(self, context: StepContext) -> None:
        request = context.request_as(DrainRequested)
        access = access_of(request.access)
        log, uid = log_of(context), context.attempt.uid
        session = await asyncio.to_thread(session_for, access, context.attempt.id)
        known = cluster_outputs(outputs_by_name(request.outputs), access.region)
        cloud = AwsLeftovers(session, access, known.cluster_name, known.vpc_id)
        removed: list[str] = []
        if await cloud.cluster_exists():
            async with connected(context, self._settings.helm) as connection:
                kube, helm = connection.kube, connection.helm
                if is_shared(request.spec):
                    ours = await our_namespaces(kube, uid)
                    cloud = AwsLeftovers(session, access, known.cluster_name, known.vpc_id, ours)
                    removed = await drain_shared_cluster(kube, helm, cloud, uid, log)
                else:
                    removed = await drain_cluster(kube, helm, cloud, log)
        elif is_shared(request.spec):
            context.log("the customer's cluster is gone: what its controllers left is not told apart, and stays")
        else:
            removed = await clear_cloud(cloud, log, DrainTimes())
        await context.save(removed=removed)

    async def release_secrets(self, context: StepContext) -> None:
        request = context.request_as(DrainRequested)
        access = access_of(request.access)
        session = await asyncio.to_thread(session_for, access, context.attempt.id)
        if user := request.outputs.workspace_storage_user:
            await IamAccessKeys(session, access).remove_except(user, lambda _: False)
        arns = await schedule_secret_deletion(SecretsManager(session, access, {}), context.attempt.uid)
        await context.save(restorable=arns)
        for arn in arns:
            context.log(f"{arn} goes for good in 30 days, and can be restored until then")
