"""What the roles of a stage service have in common: the API's server, and the worker's consumer and runs."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc.aio
from provisioning.environment.v1 import stage_service_pb2_grpc

from libs.eventing import Consumer
from libs.eventing.subjects import REQUESTS_PREFIX, REQUESTS_STREAM
from libs.grpckit import FixedPrincipals, Server, open_channel
from libs.hosting.process import Process
from libs.stages import (
    AttemptRepository,
    FairQueue,
    Flow,
    LeasePort,
    Limits,
    MemoryGate,
    RequestConsumer,
    StageTables,
    Worker,
)
from libs.stages.servicer import StageServicer

_STAGE_SERVICE = "provisioning.environment.v1.StageService"
# A stopping API lets calls that run end within this, in seconds: a follower's stream would use up a longer drain.
_GRACE = 5.0


def open_state_manager(process: Process) -> grpc.aio.Channel:
    """A channel to the state manager; where it serves is STATE_BACKEND_MANAGER_ADDRESS."""
    channel = open_channel(os.environ.get("STATE_BACKEND_MANAGER_ADDRESS", "127.0.0.1:50054"))
    process.stack.push_async_callback(channel.close)
    return channel


async def serve(process: Process, services: Sequence[str], register: Callable[[grpc.aio.Server], Any]) -> None:
    """Serves `services` on the process's address until it ends."""
    server = Server(process.settings.address, services, register, FixedPrincipals())
    await server.start()

    async def drain(seconds: float) -> None:
        try:
            await server.stop(min(_GRACE, seconds))
        except asyncio.CancelledError:
            await server.stop(0)
            raise

    process.on_drain(drain)


async def serve_stage(
    process: Process, tables: StageTables, services: Sequence[str], register: Callable[[grpc.aio.Server], Any]
) -> None:
    """Serves a stage's own services and StageService."""

    def register_all(server: grpc.aio.Server) -> None:
        register(server)
        repository = AttemptRepository(process.database, tables)
        servicer = StageServicer(repository, FairQueue(repository, _limits(process)))
        stage_service_pb2_grpc.add_StageServiceServicer_to_server(servicer, server)

    await serve(process, [*services, _STAGE_SERVICE], register_all)


def work_stage(
    process: Process,
    tables: StageTables,
    flows: Mapping[str, Flow],
    leases: LeasePort,
    *,
    area: str,
    stages: Sequence[str],
    run_mib: int = 0,
) -> None:
    """Consumes the requests of `stages` and works them; a run waits for `run_mib` of memory."""
    settings = process.settings
    repository = AttemptRepository(process.database, tables)
    worker = Worker(
        repository,
        process.relay,
        leases,
        flows,
        service=process.definition.name,
        area=area,
        holder=process.holder,
        concurrency=settings.concurrency,
        lease_seconds=settings.lease_seconds,
        limits=_limits(process),
        memory=MemoryGate(run_mib),
    )

    def after_commit() -> None:
        process.relay.wake()
        worker.wake()

    consumer = Consumer(
        process.database,
        tables.events,
        process.bus,
        durable=process.definition.name.replace("-", "_"),
        stream=REQUESTS_STREAM,
        subjects=[f"{REQUESTS_PREFIX}.*.*.{stage}.>" for stage in stages],
        handler=RequestConsumer(repository, area=area).handle,
        after_commit=after_commit,
    )
    process.background(consumer.run(), "consumer")
    process.background(worker.run(), "worker")
    process.on_drain(worker.drain)


def _limits(process: Process) -> Limits:
    settings = process.settings
    return Limits(settings.account_runs, settings.runs, settings.lease_seconds)
