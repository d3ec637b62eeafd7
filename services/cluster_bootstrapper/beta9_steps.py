"""Beta9 itself: its chart, the proof that it answers, its first token, and only then a way in from outside."""

from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec, Profile

from libs.stages import Step, StepContext
from services.cluster_bootstrapper.access_keys import IamAccessKeys
from services.cluster_bootstrapper.admin_token import claim_admin_token
from services.cluster_bootstrapper.authorize import authorize
from services.cluster_bootstrapper.charts import BETA9, beta9_release, chart_install
from services.cluster_bootstrapper.connection import Connection, connected, log_of
from services.cluster_bootstrapper.environment_secrets import (
    encryption_key,
    postgres_login,
    workspace_storage_keys,
)
from services.cluster_bootstrapper.gateway import wait_for_gateway
from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.issuer import ensure_issuer
from services.cluster_bootstrapper.outputs import BackendOutputs, backend_outputs
from services.cluster_bootstrapper.service_accounts import ensure_worker_account
from services.cluster_bootstrapper.settings import BootstrapperSettings
from services.cluster_bootstrapper.values import Beta9Document, Beta9Secrets, beta9_values

# The prior art's defaults; the contract's comments state them too.
_MIN_WORKERS = 1
# For a gateway that has answered before; a step that is tried again must not have the whole deadline each time.
_STILL_HEALTHY_SECONDS = 60.0


class Beta9Steps:
    """Installs Beta9. Ready means that its gateway answered, not that Helm did."""

    def __init__(self, settings: BootstrapperSettings) -> None:
        self._settings = settings

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("ensure_secrets", self.ensure_secrets),
            Step("install_beta9", self.install_beta9),
            Step("wait_for_gateway", self.wait_for_gateway, tries=1),
            Step("claim_admin_token", self.claim_admin_token),
            Step("expose_gateway", self.expose_gateway),
        )

    async def ensure_secrets(self, context: StepContext) -> None:
        async with connected(context, self._settings.helm) as connection:
            key = await encryption_key(connection.secrets, context.attempt.uid)
            outputs = backend_outputs(connection.outputs, connection.access.region)
            await ensure_worker_account(connection.kube, outputs.gateway_role_arn)
        await context.save(encryption_key_secret_arn=key.arn)
        context.log(f"the encryption key is kept in {key.arn}")

    async def install_beta9(self, context: StepContext) -> None:
        await self._install(context, exposed=False)

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
        async with connected(context, self._settings.helm) as connection:
            await ensure_issuer(connection.kube, log_of(context))
        await self._install(context, exposed=True)

    async def _install(self, context: StepContext, *, exposed: bool) -> None:
        spec = context.request_as(BootstrapRequested).spec
        release = beta9_release(spec.beta9.version)
        async with connected(context, self._settings.helm) as connection:
            outputs = backend_outputs(connection.outputs, connection.access.region)
            secrets = await self._secrets(context, connection, outputs)
            values = beta9_values(_document(context, spec), outputs, secrets, exposed=exposed)
            wanted = chart_install(
                BETA9,
                values,
                secrets=secrets.all(),
                charts_dir=self._settings.charts_dir,
                version=release.gateway,
            )
            await install_chart(connection.helm, wanted, log_of(context))

    @staticmethod
    async def _secrets(context: StepContext, connection: Connection, outputs: BackendOutputs) -> Beta9Secrets:
        store, uid = connection.secrets, context.attempt.uid
        username, password = await postgres_login(store, outputs.rds_master_user_secret_arn)
        key = await encryption_key(store, uid)
        redis = await store.read(outputs.redis_auth_secret_arn) if outputs.redis_auth_secret_arn else ""
        access_key = secret_key = ""
        if outputs.workspace_storage_user:
            keys = IamAccessKeys(connection.session, connection.access)
            made = await workspace_storage_keys(store, keys, uid, outputs.workspace_storage_user)
            access_key, secret_key = made.access_key_id, made.secret_access_key
        return Beta9Secrets(
            postgres_username=username,
            postgres_password=password,
            encryption_key=key.value or "",
            redis_password=redis,
            workspace_access_key=access_key,
            workspace_secret_key=secret_key,
        )


def _document(context: StepContext, spec: EnvironmentSpec) -> Beta9Document:
    beta9 = spec.beta9
    profile = spec.cluster.profile or Profile.PROFILE_SMALL
    workers = beta9.workers
    return Beta9Document(
        environment=context.attempt.environment.rsplit("/", 1)[1],
        domain=beta9.domain,
        version=beta9.version or "latest",
        profile=Profile.Name(profile).removeprefix("PROFILE_").lower(),
        enable_metrics=beta9.enable_metrics if beta9.HasField("enable_metrics") else True,
        enable_logging=beta9.enable_logging if beta9.HasField("enable_logging") else True,
        min_workers=workers.min_workers if workers.HasField("min_workers") else _MIN_WORKERS,
    )
