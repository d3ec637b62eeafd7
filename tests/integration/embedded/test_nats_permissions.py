"""Who may publish, read and destroy what on the event server of deploy/nats."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig, StreamConfig

from libs.embedded.layout import passwords
from libs.embedded.nats import CONFIGURATION, USERS, environment, url
from libs.embedded.ports import free
from libs.embedded.specs import TOOLS

pytestmark = pytest.mark.integration

Connect = Callable[[str], Awaitable[Client]]
ENVIRONMENT_EVENT = "provisioning.v1.acme.dev.environment.environment_created"
INFRA_EVENT = "provisioning.v1.acme.dev.infra.deployment_applied"
REQUEST = "provisioning.requests.v1.acme.dev.deployment.deployment_requested"


STREAMS = {"PROVISIONING": "provisioning.v1.>", "PROVISIONING_REQUESTS": "provisioning.requests.v1.>"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """nats-server with the committed configuration; gives each user's address."""
    folder = tmp_path_factory.mktemp("nats")
    ports, known = free(), passwords(folder / "passwords.json", USERS)
    process = subprocess.Popen(
        [TOOLS / "nats-server", "-c", CONFIGURATION],
        env=environment(ports, str(folder / "store"), known),
        stderr=subprocess.DEVNULL,
    )
    yield {user: url(ports, user, known) for user in USERS}
    process.terminate()
    process.wait()


@pytest.fixture
async def connect(server: dict[str, str]) -> AsyncIterator[Connect]:
    """Connect as a user to a server whose two streams are there."""
    opened: list[Client] = []

    async def ignore(error: Exception) -> None:
        """A refusal is told to the connection, not to the call; the calls here run into their time limit."""

    async def connect(user: str) -> Client:
        prefix = b"_INBOX_subscriber" if user == "subscriber" else b"_INBOX"
        opened.append(
            await nats.connect(
                server[user], inbox_prefix=prefix, error_cb=ignore, reconnect_time_wait=0.05, max_reconnect_attempts=100
            )
        )
        return opened[-1]

    registry = await connect("environment_registry")
    for name, subject in STREAMS.items():
        await registry.jetstream().add_stream(StreamConfig(name=name, subjects=[subject]))
    yield connect
    for client in opened:
        await client.close()


async def _published(client: Client, subject: str) -> bool:
    try:
        await client.jetstream(timeout=2).publish(subject, b"{}")
    except NatsTimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    ("user", "may"),
    [
        ("environment_registry", {ENVIRONMENT_EVENT, REQUEST}),
        ("infra_engine", {INFRA_EVENT}),
        ("subscriber", set()),
    ],
)
async def test_each_speaks_for_its_own_area_alone(connect: Connect, user: str, may: set[str]) -> None:
    client = await connect(user)
    subjects = [ENVIRONMENT_EVENT, INFRA_EVENT, REQUEST]
    answers = await asyncio.gather(*(_published(client, subject) for subject in subjects))
    assert {subject for subject, published in zip(subjects, answers, strict=True) if published} == may


async def test_a_stage_receives_its_requests_by_a_durable_consumer(connect: Connect) -> None:
    await (await connect("environment_registry")).jetstream().publish(REQUEST, b"{}")
    jetstream = (await connect("infra_engine")).jetstream()
    consumer = await jetstream.pull_subscribe(
        "provisioning.requests.v1.*.*.deployment.>", "infra_engine", stream="PROVISIONING_REQUESTS"
    )
    (message,) = await consumer.fetch(1, timeout=5)
    await message.ack_sync()
    assert message.subject == REQUEST


@pytest.mark.parametrize("user", USERS)
async def test_nobody_deletes_or_purges_a_stream(connect: Connect, user: str) -> None:
    client = await connect(user)
    for verb in ("DELETE", "PURGE"):
        with pytest.raises(NatsTimeoutError):
            await client.request(f"$JS.API.STREAM.{verb}.PROVISIONING", b"", timeout=0.3)
    assert (await client.jetstream().stream_info("PROVISIONING")).config.name == "PROVISIONING"


async def test_a_subscriber_sees_the_environments_events_and_nothing_else(connect: Connect) -> None:
    registry, engine = await connect("environment_registry"), await connect("infra_engine")
    await registry.jetstream().pull_subscribe("provisioning.v1.>", "environment-registry", stream="PROVISIONING")
    subscriber = await connect("subscriber")
    jetstream = subscriber.jetstream(timeout=1)
    live = await subscriber.subscribe("provisioning.v1.*.*.environment.>")
    overheard = [await subscriber.subscribe(subject) for subject in (">", "provisioning.>", "_INBOX.>")]
    await subscriber.flush()

    durable = await subscriber.jetstream().pull_subscribe(
        "provisioning.v1.*.*.environment.>", "mine", stream="PROVISIONING"
    )
    await engine.jetstream().publish(INFRA_EVENT, b"{}")
    await registry.jetstream().publish(REQUEST, b"{}")
    await registry.jetstream().publish(ENVIRONMENT_EVENT, b"{}")
    (message,) = await durable.fetch(1, timeout=5)
    await message.ack_sync()
    assert message.subject == ENVIRONMENT_EVENT
    assert (await live.next_msg(timeout=5)).subject == ENVIRONMENT_EVENT
    assert [queue.pending_msgs for queue in overheard] == [0, 0, 0]

    # Neither a wider filter nor the registry's own consumer.
    with pytest.raises(NatsTimeoutError):
        await jetstream.add_consumer("PROVISIONING", ConsumerConfig(name="wide", filter_subject="provisioning.v1.>"))
    with pytest.raises(NatsTimeoutError):
        await jetstream.add_consumer("PROVISIONING", ConsumerConfig(name="all"))
    with pytest.raises(NatsTimeoutError):
        await subscriber.request("$JS.API.CONSUMER.MSG.NEXT.PROVISIONING.environment-registry", b"1", timeout=0.3)
    with pytest.raises(NatsTimeoutError):
        await subscriber.request("$JS.API.CONSUMER.DELETE.PROVISIONING.environment-registry", b"", timeout=0.3)
