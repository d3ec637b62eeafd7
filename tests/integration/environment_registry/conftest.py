"""The registry in this process, served over gRPC, on a real Postgres and a real nats-server; the stages are played."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import grpc.aio
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.message import Message
from provisioning.bootstrap.v1 import events_pb2 as bootstrap
from provisioning.environment.v1 import (
    environment_pb2,
    environment_service_pb2,
    environment_service_pb2_grpc,
    environment_spec_pb2,
    failure_pb2,
    hand_over_pb2,
    operation_pb2,
    planned_change_pb2,
)
from provisioning.infra.v1 import events_pb2 as infra
from provisioning.state.v1 import events_pb2 as state
from provisioning.state.v1 import state_backend_pb2

import services.environment_registry as package
from libs.eventing import Bus, Consumer, Relay, environment_event
from libs.eventing.events import OutgoingEvent, from_json
from libs.eventing.subjects import EVENTS_PREFIX, EVENTS_STREAM, REQUESTS_PREFIX
from libs.grpckit import FixedPrincipals, Server
from libs.persistence import Database
from libs.persistence.migrations import migrate
from services.environment_registry.api.environment_servicer import EnvironmentServicer
from services.environment_registry.api.operations_servicer import OperationsServicer
from services.environment_registry.api.start import SERVICES
from services.environment_registry.changes_feed import ChangeFeed
from services.environment_registry.consumers import StageEvents
from services.environment_registry.hand_overs import SERVICE_OF
from services.environment_registry.process import ProcessManager
from services.environment_registry.reading import Reader
from services.environment_registry.registry import Registry
from services.environment_registry.sweep import Progress, Standing, Sweep
from services.environment_registry.tables import EVENTS, METADATA

VERSIONS = Path(str(package.__file__)).parent / "migrations" / "versions"
AREAS = {
    "preflight": "infra", "state_backend": "state", "release": "state", "deployment": "infra", "destroy": "infra",
    "baseline": "bootstrap", "beta9": "bootstrap", "drain": "bootstrap",
}  # fmt: skip
PATIENCE = 60.0


def document() -> environment_spec_pb2.EnvironmentSpec:
    """The smallest document that is accepted."""
    return environment_spec_pb2.EnvironmentSpec(
        cloud=environment_spec_pb2.CloudSpec(
            provider=environment_spec_pb2.PROVIDER_AWS,
            region="us-east-1",
            account_id="123456789012",
            role_arn="arn:aws:iam::123456789012:role/Beta9Provisioner",
        ),
        beta9=environment_spec_pb2.Beta9Spec(domain="beta9.example.com"),
    )


@dataclass
class PlayedStages:
    """Plays the stage services: answers each request as its stage would, unless the test holds the stage.

    A request that was held waits in `requests` for the test to answer it. As real stages do, it gives the same answers
    to the same hand-over, and to a stop the answer that it was stopped.
    """

    bus: Bus
    held: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    """Stages whose requests are lost on the way."""
    lost: list[Message] = field(default_factory=list)
    copies: int = 1
    """How often each answer is delivered, each time as an event of its own."""
    requests: list[Message] = field(default_factory=list)
    stops: list[hand_over_pb2.StopRequested] = field(default_factory=list)
    answers: dict[tuple[str, str, int], list[Message]] = field(default_factory=dict)
    silent: bool = False
    """Answers are given and lost on the way."""
    standings: dict[str, Progress] = field(default_factory=dict)
    """How a stage says that its open hand-over stands."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, workspace: str) -> None:
        subscription = await self.bus.jetstream.subscribe(f"{REQUESTS_PREFIX}.{workspace}.>", ordered_consumer=True)
        async for message in subscription.messages:
            headers = message.headers or {}
            await self._receive(from_json(headers["ce-type"], message.data.decode()))

    async def _receive(self, request: Message) -> None:
        key = request.hand_over  # type: ignore[attr-defined]
        if key.stage in self.deaf:
            async with self._changed:
                self.lost.append(request)
                self._changed.notify_all()
            return
        known = self.answers.get(_key(key))
        async with self._changed:
            if isinstance(request, hand_over_pb2.StopRequested):
                self.stops.append(request)
            else:
                self.requests.append(request)
            self._changed.notify_all()
        if known is not None:
            if not isinstance(request, hand_over_pb2.StopRequested):
                await self._publish(key, known)
        elif isinstance(request, hand_over_pb2.StopRequested):
            if "stop" not in self.held:
                await self.answer(key, hand_over_pb2.StageStopped(hand_over=key))
        elif key.stage not in self.held:
            await self.succeed(key)

    async def succeed(self, key: hand_over_pb2.HandOver) -> None:
        """Answer a hand-over as its stage does when all goes well."""
        step = hand_over_pb2.StepChanged(hand_over=key, step="working")
        await self._publish(key, [step])
        await self.answer(key, *successes(key))

    async def fail(self, key: hand_over_pb2.HandOver, reason: str = "APPLY_FAILED") -> None:
        """Answer that a hand-over failed."""
        failure = failure_pb2.Failure(
            reason=reason,
            message="It failed.",
            actor=failure_pb2.ACTOR_CUSTOMER,
            remedy="Mend it.",
            stage=key.stage,
            step="apply",
            resource_address="aws_eks_cluster.this",
        )
        await self.answer(key, hand_over_pb2.StageFailed(hand_over=key, failure=failure))

    async def answer(self, key: hand_over_pb2.HandOver, *messages: Message) -> None:
        """Give final answers, kept to be given again."""
        self.answers[_key(key)] = list(messages)
        await self._publish(key, messages)

    async def tell(self, key: hand_over_pb2.HandOver, message: Message) -> None:
        """Publish something that is no final answer."""
        await self._publish(key, [message])

    async def _publish(self, key: hand_over_pb2.HandOver, messages: list[Message] | tuple[Message, ...]) -> None:
        if self.silent:
            return
        for message in messages:
            for _ in range(self.copies):
                event = environment_event(
                    message, area=AREAS[key.stage], environment=key.environment, uid=key.uid, traceparent=""
                )
                await publish(self.bus, event)

    async def requested(self, stage: str, attempt: int = 1) -> hand_over_pb2.HandOver:
        """Wait until a stage has been asked; answer the hand-over."""

        def found() -> list[hand_over_pb2.HandOver]:
            keys = [request.hand_over for request in self.requests]  # type: ignore[attr-defined]
            return [key for key in keys if key.stage == stage and key.attempt >= attempt]

        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(found)
        return found()[-1]

    async def lost_on_the_way(self, count: int = 1) -> None:
        """Wait until deaf stages have missed so many requests."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.lost) >= count)

    async def stop_requested(self, stage: str) -> hand_over_pb2.StopRequested:
        """Wait until a stage has been asked to stop."""

        def found() -> list[hand_over_pb2.StopRequested]:
            return [stop for stop in self.stops if stop.hand_over.stage == stage]

        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(found)
        return found()[-1]

    async def progress(self, key: hand_over_pb2.HandOver) -> Progress | None:
        """The port of the sweep."""
        if _key(key) in self.answers:
            return Progress(Standing.ANSWERED)
        received = any(
            request.hand_over == key for request in (*self.requests, *self.stops)  # type: ignore[attr-defined]
        )  # fmt: skip
        return self.standings.get(key.stage, Progress(Standing.OPEN)) if received else Progress(Standing.UNKNOWN)


def _key(key: hand_over_pb2.HandOver) -> tuple[str, str, int]:
    return key.operation, key.stage, key.attempt


RESIZED = planned_change_pb2.PlannedChange(
    address="aws_db_instance.database",
    action="update",
    impact=planned_change_pb2.IMPACT_DISRUPTIVE,
    paths=["instance_class"],
)


def successes(key: hand_over_pb2.HandOver) -> list[Message]:
    """What a stage answers when all goes well."""
    outputs = environment_pb2.EnvironmentOutputs
    match key.stage:
        case "preflight":
            return [infra.PreflightPassed(hand_over=key)]
        case "state_backend":
            location = state_backend_pb2.StateLocation(bucket="bucket", key="w/e/terraform.tfstate")
            return [state.StateBackendReady(hand_over=key, location=location)]
        case "deployment":
            return [
                infra.DeploymentPlanned(hand_over=key, resources_planned=2, changes=[RESIZED]),
                infra.ResourceChanged(hand_over=key, resources_done=1, resources_planned=2),
                infra.ClusterAvailable(hand_over=key, outputs=outputs(cluster_name="cluster")),
                infra.BackendsAvailable(hand_over=key, outputs=outputs(rds_endpoint="db:5432")),
                infra.ResourceChanged(hand_over=key, resources_done=2, resources_planned=2),
                infra.DeploymentApplied(hand_over=key, outputs=outputs(vpc_id="vpc-1"), resources=2),
            ]
        case "baseline":
            return [bootstrap.BaselineBootstrapped(hand_over=key)]
        case "beta9":
            return [bootstrap.ClusterBootstrapped(hand_over=key, outputs=outputs(gateway_url="https://beta9"))]
        case "drain":
            return [bootstrap.ClusterDrained(hand_over=key)]
        case "destroy":
            kept = [environment_pb2.KeptResource(resource="snapshot", reason="final snapshot")]
            return [infra.DeploymentDestroyed(hand_over=key, kept=kept)]
        case _:
            kept = [environment_pb2.KeptResource(resource="s3://bucket", reason="state versions")]
            return [state.StateBackendReleased(hand_over=key, kept=kept)]


async def publish(bus: Bus, event: OutgoingEvent) -> None:
    """Publish as a stage's relay does."""
    headers = {
        "Nats-Msg-Id": event.id,
        "ce-id": event.id,
        "ce-type": event.type,
        "ce-source": "/test",
        "ce-environmentuid": event.environment_uid,
        "ce-sequence": "1",
    }
    await bus.jetstream.publish(event.subject, event.data.encode(), headers=headers)


@dataclass
class Running:
    """The registry as it runs for one test."""

    workspace: str
    database: Database
    bus: Bus
    relay: Relay
    stages: PlayedStages
    sweep: Sweep
    feed: ChangeFeed
    environments: environment_service_pb2_grpc.EnvironmentServiceStub
    operations: operations_pb2_grpc.OperationsStub

    @property
    def parent(self) -> str:
        return f"workspaces/{self.workspace}"

    def name(self, environment_id: str = "one") -> str:
        return f"{self.parent}/environments/{environment_id}"

    async def create(self, environment_id: str = "one", **fields: object) -> operations_pb2.Operation:
        request = environment_service_pb2.CreateEnvironmentRequest(
            parent=self.parent,
            environment_id=environment_id,
            environment=environment_pb2.Environment(spec=document()),
        )
        for field_name, value in fields.items():
            setattr(request, field_name, value)
        return await self.environments.CreateEnvironment(request)

    async def delete(self, environment_id: str = "one", **fields: str) -> operations_pb2.Operation:
        request = environment_service_pb2.DeleteEnvironmentRequest(name=self.name(environment_id), **fields)  # type: ignore[arg-type]
        return await self.environments.DeleteEnvironment(request)

    async def retry(self, environment_id: str = "one") -> operations_pb2.Operation:
        request = environment_service_pb2.RetryEnvironmentRequest(name=self.name(environment_id))
        return await self.environments.RetryEnvironment(request)

    async def get(self, environment_id: str = "one") -> environment_pb2.Environment:
        request = environment_service_pb2.GetEnvironmentRequest(name=self.name(environment_id))
        return await self.environments.GetEnvironment(request)

    async def done(self, operation: operations_pb2.Operation) -> operations_pb2.Operation:
        """Wait for the end of an operation."""
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.FromSeconds(int(PATIENCE))
        ended = await self.operations.WaitOperation(request)
        assert ended.done, ended
        return ended

    async def until(self, holds: Callable[[environment_pb2.Environment], bool]) -> environment_pb2.Environment:
        """Watch the environment until it is as wished."""
        request = environment_service_pb2.WatchEnvironmentsRequest(parent=self.parent)
        call = self.environments.WatchEnvironments(request)
        try:
            async with asyncio.timeout(PATIENCE):
                async for response in call:
                    if holds(response.environment):
                        return response.environment
        finally:
            call.cancel()
        raise AssertionError("the watch ended")


def metadata_of(operation: operations_pb2.Operation) -> operation_pb2.OperationMetadata:
    """An operation's typed metadata."""
    metadata = operation_pb2.OperationMetadata()
    assert operation.metadata.Unpack(metadata)
    return metadata


async def end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until it is heard: Python 3.11's wait_for, below the NATS client, can swallow one cancellation."""
    async with asyncio.timeout(PATIENCE):
        while not all(task.done() for task in tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.1)


@pytest.fixture
def workspace() -> str:
    """A workspace of the test's own."""
    return f"w{secrets.token_hex(5)}"


@pytest.fixture
async def registry(postgres_url: str, nats_url: str, workspace: str) -> AsyncIterator[Running]:
    """The registry, with an empty database and one workspace."""
    await asyncio.to_thread(migrate, postgres_url, VERSIONS, METADATA)
    database = Database(postgres_url)
    bus = await Bus.connect(nats_url, name="test")
    await bus.ensure_streams()
    relay = Relay(database, EVENTS, bus, source="/provisioning/environment-registry")
    manager = ProcessManager(sweep_after=timedelta(0))
    stages = PlayedStages(bus)
    consumer = Consumer(
        database,
        EVENTS,
        bus,
        durable=f"registry-{workspace}",
        stream=EVENTS_STREAM,
        subjects=[f"{EVENTS_PREFIX}.{workspace}.*.{area}.>" for area in ("state", "infra", "bootstrap")],
        handler=StageEvents(manager).handle,
        after_commit=relay.wake,
    )
    sweep = Sweep(
        database, dict.fromkeys(SERVICE_OF.values(), stages), wake=relay.wake, again_after=timedelta(0),
        silent_after=timedelta(hours=1),
    )  # fmt: skip
    feed = ChangeFeed(database, capacity=64)
    use_cases, reader = Registry(database, manager, relay.wake), Reader(database, feed)

    def register(server: grpc.aio.Server) -> None:
        environment_service_pb2_grpc.add_EnvironmentServiceServicer_to_server(
            EnvironmentServicer(use_cases, reader, feed), server
        )
        operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(use_cases, reader), server)

    server = Server("127.0.0.1:0", SERVICES, register, FixedPrincipals())
    await server.start()
    tasks = [
        asyncio.create_task(work)
        for work in (relay.run(), consumer.run(), feed.run(), stages.run(workspace))
    ]  # fmt: skip
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Running(
            workspace, database, bus, relay, stages, sweep, feed,
            environment_service_pb2_grpc.EnvironmentServiceStub(channel),
            operations_pb2_grpc.OperationsStub(channel),
        )  # fmt: skip
    await server.stop(0)
    await end(tasks)
    await bus.close()
    await database.close()
