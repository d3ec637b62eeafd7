"""A request's own steps, run one after the other as a worker runs them, without its database."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from google.protobuf.message import Message
from provisioning.bootstrap.v1.bootstrap_pb2 import PHASE_BASELINE, PHASE_BETA9
from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested, DrainRequested
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs
from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec
from provisioning.environment.v1.hand_over_pb2 import AwsAccess, CredentialVersions

from services.cluster_bootstrapper.flow import flows
from services.cluster_bootstrapper.settings import BootstrapperSettings


class Context:
    """What a step sees of its attempt."""

    def __init__(self, request: Message, uid: str, lines: list[str]) -> None:
        self.request = request
        self.attempt = SimpleNamespace(
            uid=uid, id="operation-stage-1", environment="workspaces/default/environments/it"
        )
        self.data: dict[str, object] = {}
        self.lines = lines

    def request_as(self, message_type: type[Any]) -> Any:
        assert isinstance(self.request, message_type)
        return self.request

    def text(self, key: str) -> str:
        return str(self.data.get(key, ""))

    def log(self, line: str) -> None:
        self.lines.append(line)

    async def save(self, **values: object) -> None:
        self.data |= values


class Bootstrapper:
    """Serves the requests of one environment."""

    def __init__(self, cloud: Any, charts: Path, helm: str, uid: str, spec: EnvironmentSpec) -> None:
        settings = BootstrapperSettings(charts_dir=charts, helm=helm, node_seconds=60, gateway_seconds=60)
        self._flows = flows(settings)
        access = cloud.access
        self._access = AwsAccess(
            account_id=access.account_id,
            region=access.region,
            role_arn=access.role_arn,
            external_id=access.external_id,
        )
        self.uid, self.spec, self.lines = uid, spec, list[str]()
        self.outputs = EnvironmentOutputs(**cloud.outputs)
        self.versions = CredentialVersions()

    async def baseline(self) -> Any:
        return await self._serve(self._bootstrap(PHASE_BASELINE))

    async def beta9(self) -> Any:
        return await self._serve(self._bootstrap(PHASE_BETA9))

    async def drain(self) -> Any:
        return await self._serve(DrainRequested(access=self._access, spec=self.spec, outputs=self.outputs))

    def _bootstrap(self, phase: Any) -> BootstrapRequested:
        return BootstrapRequested(
            access=self._access,
            spec=self.spec,
            outputs=self.outputs,
            phase=phase,
            credential_versions=self.versions,
        )

    async def _serve(self, request: Message) -> Any:
        flow = self._flows[request.DESCRIPTOR.full_name]
        context: Any = Context(request, self.uid, self.lines)
        for step in flow.steps:
            if step.applies(context):
                await step.run(context)
        return flow.answer(context)
