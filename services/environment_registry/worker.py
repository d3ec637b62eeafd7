"""The worker's role: consumes the stages' events and sweeps. It serves nothing."""

from __future__ import annotations

from libs.eventing import Consumer
from libs.eventing.subjects import EVENTS_STREAM
from libs.grpckit import open_channel
from libs.hosting import Process
from services.environment_registry.consumers import SUBJECTS, StageEvents
from services.environment_registry.process import ProcessManager
from services.environment_registry.settings import SweepSettings
from services.environment_registry.stage_channels import StageChannel
from services.environment_registry.sweep import StagePort, Sweep


async def start_worker(process: Process) -> None:
    """Open what the worker needs."""
    settings = SweepSettings.read()
    manager = ProcessManager(sweep_after=settings.overdue_after)
    consumer = Consumer(
        process.database,
        process.definition.events,
        process.bus,
        durable=process.definition.name,
        stream=EVENTS_STREAM,
        subjects=SUBJECTS,
        handler=StageEvents(manager).handle,
        after_commit=process.relay.wake,
    )
    process.background(consumer.run(), "consumer")
    stages: dict[str, StagePort] = {}
    for service, address in settings.stages.items():
        channel = open_channel(address)
        process.stack.push_async_callback(channel.close)
        stages[service] = StageChannel(channel)
    sweep = Sweep(
        process.database,
        stages,
        wake=process.relay.wake,
        every=settings.every,
        again_after=settings.overdue_after,
        silent_after=settings.silent_after,
    )
    process.background(sweep.run(), "sweep")
