"""How this service serves its requests, step by step.

Steps run on every worker: a worker that goes on after a crash prepares its own folder, and Terraform itself finds what
is done already.
"""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import grpc.aio
from google.protobuf.message import Message
from provisioning.environment.v1.environment_spec_pb2 import WORKSPACE_BUCKETS_DELETE
from provisioning.infra.v1.events_pb2 import (
    DeploymentApplied,
    DeploymentDestroyed,
    DeploymentRequested,
    DestroyRequested,
)

from libs.aws_access import AwsAccess
from libs.aws_access.messages import access_of
from libs.eventing.events import from_json
from libs.failures import Failure, Kind
from libs.stages import Attempt, Flow, RetryPolicy, Step, StepContext
from libs.stages.leases import lease_key
from libs.state_stores import StateStore, open_store
from libs.state_stores.messages import location_of
from libs.telemetry import span
from services.infra_engine.cache_token import CacheToken
from services.infra_engine.engine_run import CACHE_AVAILABLE, EngineRun
from services.infra_engine.kept import final_snapshots, kept_resources
from services.infra_engine.outputs import outputs_message
from services.infra_engine.preflight_flow import preflight_flow
from services.infra_engine.recovery import Recovery
from services.infra_engine.repository import ChangeRepository
from services.infra_engine.settings import EngineSettings
from services.infra_engine.shipping import StateShipper
from services.infra_engine.stack_secrets import stack_secrets
from services.infra_engine.synthesis import Synthesized, Synthesizer
from services.infra_engine.terraform import Terraform, WorkFolder
from services.infra_engine.version_ledger import RemoteLedger
from services.infra_engine.wished import synthesized, wished_input
from services.infra_engine.workspace_buckets import WorkspaceBuckets

SERVICE = "infra-engine"
# A try may take most of an hour, and capacity comes back in some.
_CHANGES = RetryPolicy(tries=6, seconds=5400)
_READS = RetryPolicy(tries=5, seconds=1800)


def flows(
    settings: EngineSettings,
    synthesizer: Synthesizer,
    terraform: Terraform,
    repository: ChangeRepository,
    state_manager: grpc.aio.Channel,
) -> dict[str, Flow]:
    """The flows by request type."""
    steps = EngineSteps(settings, synthesizer, terraform, repository, state_manager)
    apply = Flow(
        DeploymentRequested.DESCRIPTOR.full_name,
        (
            *steps.common(),
            Step("apply", steps.apply, True, retries=_CHANGES),
            Step("set_credentials", steps.set_credentials, True, interruptible=True),
            Step("read_outputs", steps.read_outputs, True),
        ),
        steps.applied,
        close=steps.close,
        existing=steps.existing,
    )
    destroy = Flow(
        DestroyRequested.DESCRIPTOR.full_name,
        (
            *steps.common(),
            Step("destroy", steps.apply, True, retries=_CHANGES),
            Step("settle_workspace_buckets", steps.settle_workspace_buckets),
            Step("verify_destroyed", steps.verify_destroyed, True),
        ),
        steps.destroyed,
        close=steps.close,
        existing=steps.existing,
    )
    return {flow.request_type: flow for flow in (preflight_flow(settings, synthesizer), apply, destroy)}


class EngineSteps:
    """The steps of an apply and of a destroy; what they share lives as long as the worker's hold on the attempt."""

    def __init__(
        self,
        settings: EngineSettings,
        synthesizer: Synthesizer,
        terraform: Terraform,
        repository: ChangeRepository,
        state_manager: grpc.aio.Channel,
    ) -> None:
        self._settings = settings
        self._synthesizer = synthesizer
        self._terraform = terraform
        self._repository = repository
        self._state_manager = state_manager
        self._runs: WeakKeyDictionary[StepContext, EngineRun] = WeakKeyDictionary()

    def common(self) -> tuple[Step, ...]:
        return (
            Step("synthesize", self.synthesize, True),
            Step("load_state", self.load_state, True),
            Step("init", self.init, True, interruptible=True),
            Step("recover", self.recover, True, retries=_CHANGES),
            Step("plan", self.plan, True, retries=_READS, interruptible=True),
        )

    async def synthesize(self, context: StepContext) -> None:
        request = _request(context)
        stack = await self._synthesized(context.attempt)
        folder = WorkFolder(self._settings.work_dir / context.attempt.uid)
        await asyncio.to_thread(folder.prepare, stack.main_tf_json, stack.variables)
        access = access_of(request.access)
        store = open_store(access, location_of(request.location), path_style=self._settings.s3_path_style)
        self._runs[context] = EngineRun(
            context=context,
            terraform=self._terraform,
            repository=self._repository,
            folder=folder,
            synthesized=stack,
            store=store,
            shipper=self._shipper(context, store),
            secrets=await stack_secrets(access, stack.secrets, stack.variables),
            destroy=isinstance(request, DestroyRequested),
            recovery=Recovery(access, self._synthesized, path_style=self._settings.s3_path_style),
            cache=_cache_token(request, access, stack),
            allow_data_loss=isinstance(request, DeploymentRequested) and request.allow_data_loss,
        )
        await context.save(stack_version=stack.stack_version)

    async def load_state(self, context: StepContext) -> None:
        run = self._runs[context]
        operation = "OperationTypeApply"
        created = datetime.now(UTC).isoformat()
        await run.store.lock(run=context.attempt.id, operation=operation, created=created)
        run.state = await run.shipper.start(run.folder)
        if run.state is None and not run.destroy:
            run.state = await run.shipper.begin(run.folder)
        known = f"serial {run.state.serial}" if run.state is not None else "there was never one"
        context.log(f"state: {known}")

    async def init(self, context: StepContext) -> None:
        run = self._runs[context]
        with span("terraform init", attributes={"process.executable.name": "terraform"}):
            said = await self._terraform.init(run.folder)
        for line in said.splitlines():
            context.log(line)

    async def recover(self, context: StepContext) -> None:
        """Adopts what a broken run of the environment left in AWS, on every worker and before anything is planned."""
        run = self._runs[context]
        await run.recovery.recover(run)

    async def plan(self, context: StepContext) -> None:
        run = self._runs[context]
        if not (run.destroy and run.state is None):
            await run.plan()

    async def apply(self, context: StepContext) -> None:
        run = self._runs[context]
        if run.destroy and run.state is None:
            context.log("there was never a state: nothing to destroy")
            return
        if run.destroy and run.state is not None:
            # While it can still be read: what is kept is told at the end.
            addresses = run.state.addresses()
            if "aws_db_instance.database" in addresses:
                await context.save(had_database=True)
            if "aws_kms_key.key" in addresses and (key := run.state.outputs().get("kms_key_arn")):
                await context.save(key=key)
        try:
            await run.apply()
        except Failure as failure:
            # An answer of AWS that was lost: what it told of is there, and the next try adopts it.
            if failure.reason != "RESOURCE_ALREADY_EXISTS":
                raise
            context.log(f"{failure.reason}: {failure.message} It is looked for.")
            await run.apply()
        if run.destroy and await run.recovery.look_again(run):
            await run.apply()

    async def set_credentials(self, context: StepContext) -> None:
        await self._runs[context].set_credentials()

    async def read_outputs(self, context: StepContext) -> None:
        run = self._runs[context]
        await context.save(outputs=run.outputs(), resources=len(run.state.addresses()) if run.state is not None else 0)

    async def settle_workspace_buckets(self, context: StepContext) -> None:
        """Beta9 is gone by now, so that none comes after the last look."""
        request, names = _request(context), self._runs[context].synthesized.variables.get("names")
        prefix = names.get("workspace_bucket_prefix") if isinstance(names, Mapping) else None
        if not prefix:
            return
        buckets = WorkspaceBuckets(access_of(request.access), str(prefix), path_style=self._settings.s3_path_style)
        found = await asyncio.to_thread(buckets.find)
        if request.spec.data.object_store.workspace_buckets != WORKSPACE_BUCKETS_DELETE:
            await context.save(workspace_buckets=found)
            return
        for name in found:
            context.checkpoint()
            await asyncio.to_thread(buckets.delete, name, context.log)

    async def verify_destroyed(self, context: StepContext) -> None:
        run = self._runs[context]
        left = sorted(run.state.addresses()) if run.state is not None else []
        if left:
            raise Failure(
                "DESTROY_INCOMPLETE",
                f"The state still holds {len(left)} resources, {left[0]} among them.",
                kind=Kind.FAILED_PRECONDITION,
                retryable=True,
                remedy="Retry the delete.",
                resource_address=left[0],
            )
        if isinstance(names := run.synthesized.variables.get("names"), Mapping):
            access = access_of(_request(context).access)
            await context.save(snapshots=await asyncio.to_thread(final_snapshots, access, names))

    def applied(self, context: StepContext) -> Message:
        outputs, resources = context.data.get("outputs", {}), context.data.get("resources", 0)
        assert isinstance(outputs, dict) and isinstance(resources, int)
        request = context.request_as(DeploymentRequested)
        return DeploymentApplied(hand_over=request.hand_over, outputs=outputs_message(outputs), resources=resources)

    def destroyed(self, context: StepContext) -> Message:
        request = context.request_as(DestroyRequested)
        kept = kept_resources(access_of(request.access), context.data, self._runs[context].synthesized.variables)
        return DeploymentDestroyed(hand_over=request.hand_over, kept=kept)

    def existing(self, context: StepContext) -> int | None:
        """The resources in the newest state; not known before that is loaded."""
        run = self._runs.get(context)
        return len(run.state.addresses()) if run is not None and run.state is not None else None

    async def close(self, context: StepContext) -> None:
        """Ends the run's hold on what is outside: the lock object, and the folder of what is destroyed for good."""
        run = self._runs.pop(context, None)
        if run is None:
            return
        await run.aclose()
        await run.store.unlock()
        gone = run.state is None or not run.state.addresses()
        if run.destroy and gone:
            await asyncio.to_thread(shutil.rmtree, run.folder.path, ignore_errors=True)

    async def _synthesized(self, attempt: Attempt) -> Synthesized:
        request = from_json(attempt.request_type, attempt.request)
        assert isinstance(request, DeploymentRequested | DestroyRequested)
        document = wished_input(
            attempt,
            request.spec,
            external_id=request.access.external_id,
            settings=self._settings,
            credentials=request.credential_versions if isinstance(request, DeploymentRequested) else None,
        )
        return await synthesized(self._synthesizer, access_of(request.access), document)

    def _shipper(self, context: StepContext, store: StateStore) -> StateShipper:
        attempt = context.attempt
        ledger = RemoteLedger(
            self._state_manager,
            backend=f"workspaces/{attempt.workspace}/stateBackends/{attempt.uid}",
            lease_key=lease_key(attempt.workspace, attempt.uid, SERVICE),
            run=attempt.id,
        )
        return StateShipper(store, ledger, run=attempt.id, fence=context.fence)


def _cache_token(
    request: DeploymentRequested | DestroyRequested, access: AwsAccess, stack: Synthesized
) -> CacheToken | None:
    """The token to keep for the stack's cache; None where there is none, or it goes."""
    has_cache = any(milestone.name == CACHE_AVAILABLE for milestone in stack.milestones)
    if isinstance(request, DestroyRequested) or not has_cache:
        return None
    names = stack.variables["names"]
    assert isinstance(names, Mapping)
    wished = request.credential_versions.redis_auth_token or 1
    return CacheToken(access, str(names["cache"]), str(names["cache_secret"]), wished)


def _request(context: StepContext) -> DeploymentRequested | DestroyRequested:
    assert isinstance(context.request, DeploymentRequested | DestroyRequested)
    return context.request
