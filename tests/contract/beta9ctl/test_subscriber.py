"""examples/subscriber.py as it stands, as the outsider's user, on the event server as it is deployed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from google.protobuf.message import Message
from provisioning.environment.v1 import events_pb2
from provisioning.environment.v1.environment_pb2 import Environment, EnvironmentState

from libs.embedded.layout import passwords
from libs.embedded.nats import CONFIGURATION, USERS, environment, url
from libs.embedded.ports import free
from libs.embedded.specs import TOOLS
from libs.eventing import Bus, environment_event

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "subscriber.py"
NAME = "workspaces/acme/environments/dev"


class Events:
    """The event server, and the registry's side of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports, self._passwords = free(), passwords(folder / "passwords.json", USERS)
        self._sequence = 0

    def start(self) -> None:
        self._process = subprocess.Popen(
            [TOOLS / "nats-server", "-c", CONFIGURATION],
            env=environment(self._ports, str(self._folder / "store"), self._passwords),
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def url(self, user: str) -> str:
        return url(self._ports, user, self._passwords)

    async def connect(self) -> Bus:
        bus = await Bus.connect(self.url("environment_registry"), name="registry")
        await bus.ensure_streams()
        return bus

    async def publish(self, bus: Bus, message: Message) -> None:
        event = environment_event(message, area="environment", environment=NAME, uid="e1", traceparent="")
        self._sequence += 1
        headers = {
            "Nats-Msg-Id": event.id, "ce-specversion": "1.0", "ce-id": event.id, "ce-type": event.type,
            "ce-source": "/provisioning/environment-registry", "ce-subject": NAME,
            "ce-time": "2026-11-24T05:36:36+00:00",
            "ce-environmentuid": "e1", "ce-sequence": str(self._sequence), "content-type": "application/json",
        }  # fmt: skip
        await bus.jetstream.publish(event.subject, event.data.encode(), headers=headers)


@pytest.fixture
def events(tmp_path: Path) -> Any:
    if not (TOOLS / "nats-server").exists():
        pytest.fail("nats-server is missing: run make setup")
    server = Events(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def bus(events: Events) -> AsyncIterator[Bus]:
    connected = await events.connect()
    yield connected
    await connected.close()


@contextlib.asynccontextmanager
async def subscriber(events: Events, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        *words,
        env={**os.environ, "NATS_URL": events.url("subscriber")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return (await process.stdout.readline()).decode().rstrip()


def progressed(step: str) -> Message:
    return events_pb2.EnvironmentProgressed(
        environment=NAME,
        state=EnvironmentState.ENVIRONMENT_STATE_PROVISIONING,
        stage="deployment",
        step=step,
        event="step_changed",
    )


async def test_it_prints_what_has_happened_and_what_happens(events: Events, bus: Bus) -> None:
    accepted = Environment(name=NAME, state=EnvironmentState.ENVIRONMENT_STATE_PROVISIONING)
    await events.publish(bus, events_pb2.EnvironmentCreated(environment=accepted))
    async with subscriber(events) as process:
        first = await line(process)
        await events.publish(bus, progressed("plan"))
        second = await line(process)

    assert first.split("  ") == [
        "2026-11-24T05:36:36+00:00", "acme/dev", "#1 environment_created", "ENVIRONMENT_STATE_PROVISIONING",
    ]  # fmt: skip
    assert second.endswith("#2 environment_progressed  ENVIRONMENT_STATE_PROVISIONING deployment plan")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_it_goes_on_where_it_was_however_it_ended(events: Events, bus: Bus, end: signal.Signals) -> None:
    await events.publish(bus, progressed("synthesize"))
    await events.publish(bus, progressed("plan"))
    async with subscriber(events, "--ack-wait", "2") as process:
        seen = [await line(process), await line(process)]
        # The second is acknowledged once the third is asked for; the third may not be yet, and then comes again.
        await events.publish(bus, progressed("apply"))
        seen.append(await line(process))
        process.send_signal(end)
        code = await process.wait()
    await events.publish(bus, progressed("outputs"))
    async with subscriber(events) as process:
        while not (again := await line(process)).endswith("outputs"):
            assert "apply" in again, "what was acknowledged must not come again"

    assert [text.rsplit(" ", 1)[1] for text in seen] == ["synthesize", "plan", "apply"]
    assert code == (0 if end == signal.SIGTERM else -end)


async def test_it_waits_out_a_restart_of_the_event_server(events: Events, bus: Bus) -> None:
    async with subscriber(events) as process:
        await events.publish(bus, progressed("plan"))
        assert (await line(process)).endswith("plan")
        await _acknowledged(events)
        events.stop()
        events.start()
        await _published(events, bus)
        assert (await line(process)).endswith("apply")


async def test_it_can_leave_out_the_past_and_other_workspaces(events: Events, bus: Bus) -> None:
    await events.publish(bus, progressed("plan"))
    async with subscriber(events, "--new-only", "--workspace", "acme") as process:
        assert process.stderr is not None
        assert b"subscribed" in await process.stderr.readline()
        await events.publish(bus, progressed("apply"))
        assert (await line(process)).endswith("apply")


async def _acknowledged(events: Events) -> None:
    """The subscriber has told the server that it is done with all that it got: else that comes again."""
    client = await nats.connect(events.url("subscriber"), inbox_prefix=b"_INBOX_subscriber")
    try:
        async with asyncio.timeout(20):
            while (await client.jetstream().consumer_info("PROVISIONING", "example-subscriber")).num_ack_pending:
                await asyncio.sleep(0.02)
    finally:
        await client.close()


async def _published(events: Events, bus: Bus) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(nats.errors.Error):
                await events.publish(bus, progressed("apply"))
                return
