"""Where the platform listens."""

import asyncio
import socket
from dataclasses import astuple

import pytest

from libs.embedded import ports
from libs.embedded.failures import PlatformError
from libs.embedded.ports import Ports


def test_defaults_are_the_documented_ports() -> None:
    chosen = ports.from_environment({})
    assert (chosen.environment_registry, chosen.infra_engine) == (50051, 50052)
    assert (chosen.cluster_bootstrapper, chosen.state_backend_manager) == (50053, 50054)
    assert chosen.nats == 4222


def test_each_is_moved_by_its_variable_and_all_by_the_offset() -> None:
    chosen = ports.from_environment(
        {
            "ENVIRONMENT_REGISTRY_ADDRESS": "127.0.0.1:6001",
            "PROVISIONING_NATS_PORT": "6002",
            "PROVISIONING_PORT_OFFSET": "100",
        }
    )
    assert chosen.environment_registry == 6001
    assert chosen.nats == 6002
    assert chosen.infra_engine == 50152
    assert chosen.postgres == Ports().postgres + 100


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"INFRA_ENGINE_ADDRESS": "0.0.0.0:50052"}, "loopback alone: use 127.0.0.1:<port>"),
        ({"PROVISIONING_NATS_PORT": "many"}, "PROVISIONING_NATS_PORT must be a number, not 'many'"),
        ({"PROVISIONING_PORT_OFFSET": "20000"}, "70051 is not a port for environment_registry"),
    ],
)
def test_what_cannot_be_is_refused(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(PlatformError, match=sentence):
        ports.from_environment(environment)


async def test_a_taken_port_is_told_with_the_remedy() -> None:
    with socket.socket() as other:
        port = _listen(other)
        with pytest.raises(PlatformError) as told:
            await ports.check(Ports(infra_engine=port), ("infra_engine",), patience=0)
    assert str(told.value) == (
        f"port {port}, where infra-engine listens, is taken by another program: stop it, or move this one by "
        "INFRA_ENGINE_ADDRESS, or all of them by PROVISIONING_PORT_OFFSET=1000"
    )


async def test_a_port_that_is_free_again_in_a_moment_is_waited_for() -> None:
    with socket.socket() as other:
        port = _listen(other)
        asyncio.get_running_loop().call_later(0.02, other.close)
        await ports.check(Ports(infra_engine=port), ("infra_engine",), patience=10)


def _listen(server: socket.socket) -> int:
    server.bind((ports.LOOPBACK, 0))
    server.listen()
    return int(server.getsockname()[1])


def test_free_ports_are_all_different() -> None:
    chosen = astuple(ports.free())
    assert len(set(chosen)) == len(chosen)
    assert not any(ports.taken(port) for port in chosen)
