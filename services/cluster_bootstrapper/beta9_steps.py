"""Beta9 itself: its chart, the proof that it answers, its first token, and only then a way in from outside."""

from __future__ import annotations

from dataclasses import replace

from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested

from libs.stages import ONCE, Step, StepContext
from services.cluster_bootstrapper.access_keys import IamAccessKeys
from services.cluster_bootstrapper.admin_token import claim_admin_token
from services.cluster_bootstrapper.authorize import authorize
from services.cluster_bootstrapper.charts import BETA9, beta9_release, chart_install
from services.cluster_bootstrapper.connection import Connection, connected, log_of
from services.cluster_bootstrapper.document import beta9_document, is_shared, tolerations
from services.cluster_bootstrapper.environment_secrets import (
    admin_token_name,
    cache_auth_token,
    encryption_key,
    postgres_login,
)
from services.cluster_bootstrapper.existing_parts import ingress_controller
from services.cluster_bootstrapper.gateway import wait_for_gateway
from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.issuer import ensure_issuer
from services.cluster_bootstrapper.outputs import BackendOutputs, backend_outputs
from services.cluster_bootstrapper.ownership import ensure_namespace, is_our_release, owned_by
from services.cluster_bootstrapper.ports import AccessKey
from services.cluster_bootstrapper.service_accounts import ensure_worker_account
from services.cluster_bootstrapper.settings import BootstrapperSettings
from services.cluster_bootstrapper.storage_keys import beta9_configuration, storage_key
from services.cluster_bootstrapper.values import Beta9Secrets, beta9_values

# For a gateway that has answered before; a step that is tried again must not have the whole deadline each time.
_STILL_HEALTHY_SECONDS = 60.0


class Beta9Steps:
    """Installs Beta9. Ready means that its gateway answered, not that Helm did."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("ensure_secrets", self.ensure_secrets),
            Step("install_beta9", self.install_beta9, interruptible=True),
            Step("wait_for_gateway", self.wait_for_gateway, retries=ONCE, interruptible=True),
            Step("claim_admin_token", self.claim_admin_token),
            Step("expose_gateway", self.expose_gateway, interruptible=True),
        )

    async def ensure_secrets(self, context: StepContext) -> None:
        uid, shared = context.attempt.uid, is_shared(context.request_as(BootstrapRequested).spec)
        async with connected(context, self._settings.helm) as connection:
            key = await encryption_key(connection.secrets, uid)
            outputs = backend_outputs(connection.outputs, connection.access.region)
            await ensure_namespace(connection.kube, BETA9.namespace, uid, shared=shared)
            await ensure_worker_account(connection.kube, outputs.gateway_role_arn)
            static = await _storage_key(context, connection, outputs)
        await context.save(encryption_key_secret_arn=key.arn)
        context.log(f"the encryption key is kept in {key.arn}")
        if static is not None:
            context.log(f"workspace storage is reached with the access key {static.access_key_id}")

    async def install_beta9(self, context: StepContext) -> None:
        """Without a way in from outside while the first token is unclaimed; what was exposed before stays so."""
        async with connected(context, self._settings.helm) as connection:
            token = await connection.secrets.find(admin_token_name(context.attempt.uid))
        await self._install(context, exposed=token is not None and token.value is not None)

    async def wait_for_gateway(self, context: StepContext) -> None:
        async with connected(context, self._settings.helm) as connection:
            pod = await wait_for_gateway(connection.kube, log_of(context), seconds=self._settings.gateway_seconds)
        context.log(f"the gateway in {pod} answered its health check")

    async def claim_admin_token(self, context: StepContext) -> None:
        async with connected(context, self._settings.helm) as connection:
            log = log_of(context)
            seconds = min(self._settings.gateway_seconds, _STILL_HEALTHY_SECONDS)
            pod = await wait_for_gateway(connection.kube, log, seconds=seconds)
            arn = await claim_admin_token(
                connection.secrets, context.attempt.uid, lambda: authorize(connection.kube, pod), log
            )
        await context.save(admin_token_secret_arn=arn)

    async def expose_gateway(self, context: StepContext) -> None:
        tolerated = tolerations(context.request_as(BootstrapRequested).spec)
        async with connected(context, self._settings.helm) as connection:
            await ensure_issuer(connection.kube, log_of(context), tolerated)
        await self._install(context, exposed=True)

    async def _install(self, context: StepContext, *, exposed: bool) -> None:
        spec, uid = context.request_as(BootstrapRequested).spec, context.attempt.uid
        release = beta9_release(spec.beta9.version)
        document = beta9_document(context.attempt.environment.rsplit("/", 1)[1], spec)
        async with connected(context, self._settings.helm) as connection:
            if is_shared(spec):
                await is_our_release(connection.kube, BETA9, uid)
                serving = await ingress_controller(connection.kube)
                document = replace(document, ingress_controller=serving or document.ingress_controller)
            outputs = backend_outputs(connection.outputs, connection.access.region)
            secrets = await self._secrets(context, connection, outputs)
            values = beta9_values(document, outputs, secrets, exposed=exposed)
            wanted = chart_install(
                BETA9,
                values,
                secrets=secrets.all(),
                charts_dir=self._settings.charts_dir,
                version=release.gateway,
                labels=owned_by(uid),
            )
            await install_chart(connection.helm, wanted, log_of(context))

    @staticmethod
    async def _secrets(context: StepContext, connection: Connection, outputs: BackendOutputs) -> Beta9Secrets:
        store = connection.secrets
        username, password = await postgres_login(store, outputs.rds_master_user_secret_arn)
        key = await encryption_key(store, context.attempt.uid)
        static = await _storage_key(context, connection, outputs)
        return Beta9Secrets(
            postgres_username=username,
            postgres_password=password,
            encryption_key=key.value or "",
            redis_password=await cache_auth_token(store, outputs.redis_auth_secret_arn),
            workspace_access_key=static.access_key_id if static is not None else "",
            workspace_secret_key=static.secret_access_key if static is not None else "",
        )


async def _storage_key(context: StepContext, connection: Connection, outputs: BackendOutputs) -> AccessKey | None:
    """In the wished version, None without a user for it. A version that is not said is the first."""
    if not outputs.workspace_storage_user:
        return None
    return await storage_key(
        connection.secrets,
        IamAccessKeys(connection.session, connection.access),
        context.attempt.uid,
        outputs.workspace_storage_user,
        version=max(context.request_as(BootstrapRequested).credential_versions.workspace_storage_key, 1),
        configured=lambda: beta9_configuration(connection.kube),
    )
