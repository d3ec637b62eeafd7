"""A platform that does as it is told, behind the real contract, and beta9ctl run against it."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import grpc.aio
import pytest
import pytest_asyncio
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import empty_pb2
from provisioning.bootstrap.v1 import bootstrap_service_pb2, bootstrap_service_pb2_grpc
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1 import environment_service_pb2_grpc
from provisioning.environment.v1.environment_pb2 import Environment, EnvironmentState
from provisioning.environment.v1.hand_over_pb2 import LogLine, StageState
from provisioning.environment.v1.operation_pb2 import OperationMetadata, Verb
from provisioning.infra.v1 import infra_service_pb2, infra_service_pb2_grpc

from libs.beta9ctl import __main__ as program
from libs.beta9ctl import parser, rpc
from libs.beta9ctl.problem import Problem
from libs.failures import Actor, Failure, Kind
from libs.grpckit import failure_to_status
from libs.grpckit.interceptors import CallInterceptor
from libs.grpckit.principals import FixedPrincipals

PARENT = "workspaces/default"
NAME = f"{PARENT}/environments/dev"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def unavailable() -> Failure:
    return Failure("AWAY", "The database is away for a moment.", kind=Kind.UNAVAILABLE, actor=Actor.NOBODY)


def not_found(name: str) -> Failure:
    return Failure(
        "ENVIRONMENT_NOT_FOUND", f"{name} does not exist.", kind=Kind.NOT_FOUND, actor=Actor.CUSTOMER, remedy="Look."
    )


@dataclass
class Registry(environment_service_pb2_grpc.EnvironmentServiceServicer, operations_pb2_grpc.OperationsServicer):
    """Keeps environments and operations as tests put them there, and every request it was sent."""

    environments: dict[str, Environment] = field(default_factory=dict)
    operations: dict[str, operations_pb2.Operation] = field(default_factory=dict)
    requests: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, list[Failure]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Any] = field(default_factory=dict)
    changes: list[messages.WatchEnvironmentsResponse] = field(default_factory=list)
    end_watch_after: int = 10**9
    page_size: int = 2
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    def note(self, method: str, request: Any) -> None:
        """Keeps the request, and raises the failure that a test has laid there for it."""
        self.requests[method].append(request)
        if self.failures[method]:
            raise self.failures[method].pop(0)

    async def put(self, operation: operations_pb2.Operation, environment: Environment | None = None) -> None:
        """Makes this the operation's present state, and tells the watchers."""
        async with self.moved:
            self.operations[operation.name] = operation
            if environment is not None:
                self.environments[environment.name] = environment
            target = environment or self.environments[NAME]
            marker = str(len(self.changes) + 1)
            self.changes.append(
                messages.WatchEnvironmentsResponse(environment=target, operation=operation, resume_marker=marker)
            )
            self.moved.notify_all()

    async def IssueExternalId(self, request: Any, context: Any) -> messages.IssueExternalIdResponse:
        self.note("IssueExternalId", request)
        return messages.IssueExternalIdResponse(external_id="beta9-abc")

    async def CreateEnvironment(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("CreateEnvironment", request)
        if request.validate_only:
            return operations_pb2.Operation(done=True)
        if "CreateEnvironment" not in self.answers:
            environment = active()
            environment.state = EnvironmentState.ENVIRONMENT_STATE_PROVISIONING
            self.answers["CreateEnvironment"] = running()
            await self.put(running(), environment)
        return self.answers["CreateEnvironment"]

    async def GetEnvironment(self, request: Any, context: Any) -> Environment:
        self.note("GetEnvironment", request)
        if request.name not in self.environments:
            raise not_found(request.name)
        return self.environments[request.name]

    async def ListEnvironments(self, request: Any, context: Any) -> messages.ListEnvironmentsResponse:
        self.note("ListEnvironments", request)
        page, token = self._page([self.environments[n] for n in sorted(self.environments)], request.page_token)
        return messages.ListEnvironmentsResponse(environments=page, next_page_token=token)

    def _page(self, items: list[Any], token: str) -> tuple[list[Any], str]:
        first = int(token or 0)
        following = first + self.page_size
        return items[first:following], str(following) if following < len(items) else ""

    async def DeleteEnvironment(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("DeleteEnvironment", request)
        return self.answers["DeleteEnvironment"]

    async def UpdateEnvironment(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("UpdateEnvironment", request)
        return self.answers["checked" if request.validate_only else "UpdateEnvironment"]

    async def RotateCredentials(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("RotateCredentials", request)
        return self.answers["checked" if request.validate_only else "RotateCredentials"]

    async def RetryEnvironment(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("RetryEnvironment", request)
        return self.answers["RetryEnvironment"]

    async def WatchEnvironments(self, request: Any, context: Any) -> AsyncIterator[messages.WatchEnvironmentsResponse]:
        self.note("WatchEnvironments", request)
        sent, told = int(request.resume_marker or 0), 0
        while True:
            async with self.moved:
                await self.moved.wait_for(lambda seen=sent: len(self.changes) > seen)
            for change in self.changes[sent:]:
                sent += 1
                yield change
                told += 1
                if told == self.end_watch_after:
                    raise unavailable()

    async def GetOperation(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("GetOperation", request)
        if request.name not in self.operations:
            raise not_found(request.name)
        return self.operations[request.name]

    async def ListOperations(self, request: Any, context: Any) -> operations_pb2.ListOperationsResponse:
        self.note("ListOperations", request)
        page, token = self._page(list(self.operations.values()), request.page_token)
        return operations_pb2.ListOperationsResponse(operations=page, next_page_token=token)

    async def WaitOperation(self, request: Any, context: Any) -> operations_pb2.Operation:
        self.note("WaitOperation", request)
        async with self.moved:
            await self.moved.wait_for(lambda: self.operations[request.name].done)
        return self.operations[request.name]

    async def CancelOperation(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.note("CancelOperation", request)
        if "CancelOperation" in self.answers:
            await self.put(self.answers["CancelOperation"])
        return empty_pb2.Empty()


@dataclass
class Logs(infra_service_pb2_grpc.InfraServiceServicer, bootstrap_service_pb2_grpc.BootstrapServiceServicer):
    """Two logs, as tests put them there. A stream that follows ends when `ended` is set."""

    deployment: list[LogLine] = field(default_factory=list)
    bootstrap: list[LogLine] | None = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    ended: bool = False

    async def StreamDeploymentLogs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        self.requests.append(request)
        async for line in self._lines(self.deployment, request):
            yield infra_service_pb2.StreamDeploymentLogsResponse(line=line)

    async def StreamBootstrapLogs(self, request: Any, context: Any) -> AsyncIterator[Any]:
        self.requests.append(request)
        if self.bootstrap is None:
            raise not_found("bootstrap")
        async for line in self._lines(self.bootstrap, request):
            yield bootstrap_service_pb2.StreamBootstrapLogsResponse(line=line)

    async def add(self, log: list[LogLine], line: LogLine) -> None:
        async with self.moved:
            log.append(line)
            self.moved.notify_all()

    async def end(self) -> None:
        async with self.moved:
            self.ended = True
            self.moved.notify_all()

    async def _lines(self, log: list[LogLine], request: Any) -> AsyncIterator[LogLine]:
        after = request.after
        while True:
            for line in [line for line in log if line.cursor > after]:
                after = line.cursor
                yield line
            if not request.follow or self.ended:
                return
            async with self.moved:
                await self.moved.wait_for(lambda a=after: self.ended or any(line.cursor > a for line in log))


def metadata(**changed: Any) -> OperationMetadata:
    known = OperationMetadata(target=NAME, uid="e1", verb=Verb.VERB_CREATE, trace_id=TRACE_ID)
    known.create_time.FromSeconds(1_800_000_000)
    known.MergeFrom(OperationMetadata(**changed))
    return known


def running(identifier: str = "op-1", **changed: Any) -> operations_pb2.Operation:
    """An operation that goes on."""
    operation = operations_pb2.Operation(name=f"{PARENT}/operations/{identifier}")
    operation.metadata.Pack(metadata(**changed))
    return operation


def staged(stage: str, state: str, step: str = "", **changed: Any) -> operations_pb2.Operation:
    """An operation whose one stage is in `state`."""
    progress = {"stage": stage, "state": StageState.Value(f"STAGE_STATE_{state}"), "step": step, "attempt": 1}
    return running(stage=stage, step=step, stages=[progress], **changed)


def succeeded(environment: Environment, identifier: str = "op-1", **changed: Any) -> operations_pb2.Operation:
    operation = running(identifier, **changed)
    operation.done = True
    operation.response.Pack(environment)
    return operation


def failed(failure: Failure, identifier: str = "op-1", **where: Any) -> operations_pb2.Operation:
    operation = running(identifier)
    operation.done = True
    operation.error.CopyFrom(failure_to_status(failure, trace_id=TRACE_ID, request_id=identifier, **where))
    return operation


def active(name: str = "dev", state: int = EnvironmentState.ENVIRONMENT_STATE_ACTIVE) -> Environment:
    environment = Environment(
        name=f"{PARENT}/environments/{name}", uid=f"e1-{name}", state=state, operation=f"{PARENT}/operations/op-1"
    )
    environment.spec.cloud.region = "us-east-1"
    environment.spec.beta9.domain = "beta9.example.com"
    environment.outputs.cluster_name = "beta9-dev"
    environment.outputs.gateway_url = "https://beta9.example.com"
    return environment


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Awaitable[Outcome]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets repeated calls follow each other closely."""
    monkeypatch.setattr(rpc, "FIRST_PAUSE_SECONDS", 0.01)


@pytest_asyncio.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Registry, Logs]]:
    """The platform, served at the addresses that the environment names."""
    registry, logs = Registry(), Logs()
    server = grpc.aio.server(interceptors=[CallInterceptor(FixedPrincipals())])
    environment_service_pb2_grpc.add_EnvironmentServiceServicer_to_server(registry, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(registry, server)
    infra_service_pb2_grpc.add_InfraServiceServicer_to_server(logs, server)
    bootstrap_service_pb2_grpc.add_BootstrapServiceServicer_to_server(logs, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    for variable in ("ENVIRONMENT_REGISTRY_ADDRESS", "INFRA_ENGINE_ADDRESS", "CLUSTER_BOOTSTRAPPER_ADDRESS"):
        monkeypatch.setenv(variable, address)
    await server.start()
    yield registry, logs
    await server.stop(None)


@pytest.fixture
def registry(served: tuple[Registry, Logs]) -> Registry:
    return served[0]


@pytest.fixture
def logs(served: tuple[Registry, Logs]) -> Logs:
    return served[1]


@pytest.fixture
def ctl(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this loop as the program does; answers what it printed and its exit code."""

    async def run(*words: str) -> Outcome:
        options = parser.build().parse_args(words)
        options.on_interrupt = ""
        error = ""
        try:
            outcome = program.command_of(options)(options)
            code = await outcome if inspect.iscoroutine(outcome) else outcome
        except Problem as problem:
            code, error = problem.exit_code, f"{problem}\n"
        captured = capsys.readouterr()
        return Outcome(int(code), captured.out, captured.err + error)

    return run


@pytest.fixture
def make() -> SimpleNamespace:
    """The builders above, for tests."""
    return SimpleNamespace(
        active=active, failed=failed, not_found=not_found, running=running, staged=staged, succeeded=succeeded,
        unavailable=unavailable, metadata=metadata,
    )  # fmt: skip


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Awaitable[None]]:
    """Waits until a condition on the double holds (there is no one event for all of them); fails when it never does."""

    async def wait(holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.01)

    return wait
