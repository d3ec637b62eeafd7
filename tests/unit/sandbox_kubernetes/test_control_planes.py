"""What of the control planes can be told without starting one."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from libs.sandbox.kubernetes import components, stages, tools
from libs.sandbox.kubernetes.certificates import CertificateAuthority
from libs.sandbox.kubernetes.components import Files, Ports
from libs.sandbox.kubernetes.key_pair import KeyPair
from libs.sandbox.kubernetes.local_server import LocalServer
from libs.sandbox.kubernetes.ports import KeptPorts
from libs.sandbox.kubernetes.volumes import gib


def test_a_missing_program_names_the_remedy(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(tools.ToolMissing, match="make setup"):
        tools.find_tool("no-such-program")


def test_everything_listens_on_loopback(tmp_path):
    pair = KeyPair(tmp_path / "a", tmp_path / "b")
    files = Files(*[tmp_path] * 2, pair, pair, *[tmp_path] * 6)
    ports = Ports(1, 2, 3, 4, 5, 6)
    etcd = components.etcd(tmp_path, ports, files)
    assert [a for a in etcd if a.startswith("--listen")] == [
        "--listen-client-urls=http://127.0.0.1:1",
        "--listen-peer-urls=http://127.0.0.1:2",
    ]
    assert "--bind-address=127.0.0.1" in components.kube_apiserver(tmp_path, ports, files)
    assert "--server-address=127.0.0.1:4" in components.kwok(tmp_path, ports, files)
    for quiet in (components.kube_controller_manager, components.kube_scheduler):
        assert "--secure-port=0" in quiet(tmp_path, files)


def test_a_kept_port_is_nobody_elses_but_for_who_reuses_it():
    kept = KeptPorts(("one",))
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", kept.numbers["one"]))
    with socket.socket() as reusing:
        reusing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reusing.bind(("127.0.0.1", kept.numbers["one"]))
        reusing.listen()
        with socket.create_connection(("127.0.0.1", kept.numbers["one"]), timeout=1):
            pass
    kept.release()


def test_kept_ports_are_apart_and_none_that_an_outgoing_connection_takes():
    first, second = KeptPorts(("a", "b")), KeptPorts(("a", "b"))
    numbers = [*first.numbers.values(), *second.numbers.values()]
    assert len(set(numbers)) == 4
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(number < lowest for number in numbers)
    first.release("a")
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.numbers["a"]))
    first.release()
    second.release()


def test_certificates_pass_a_strict_check(tmp_path):
    server = LocalServer(tmp_path)
    url = server.add("here", lambda body: (200, {"size": len(body)}))
    port = int(url.split(":")[2].split("/")[0])
    context = ssl.create_default_context(cafile=str(server.authority_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(b"POST /here?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        assert b'{"size": 3}' in connection.recv(4096) + connection.recv(4096)
    server.close()


def test_private_files_are_their_owners_alone(tmp_path):
    pair = CertificateAuthority(tmp_path, "test").issue("one", "user", ("group",))
    assert pair.key.stat().st_mode & 0o077 == 0


def test_every_stage_names_what_it_waits_for():
    found = {stage["metadata"]["name"]: stage["spec"] for stage in stages.stages()}
    assert set(found) == {
        "node-ready", "node-heartbeat", "pod-running", "pod-image-missing", "pod-finished", "pod-deleted",
    }  # fmt: skip
    assert all(spec["selector"]["matchExpressions"] for spec in found.values())


@pytest.mark.parametrize(
    ("quantity", "size"), [("1Gi", 1), ("50Gi", 50), ("1", 1), ("1500Mi", 2), ("1Ti", 1024), ("10G", 10), ("0.5Gi", 1)]
)
def test_claims_are_rounded_up_to_whole_gib(quantity, size):
    assert gib(quantity) == size


def test_a_quantity_that_ebs_does_not_know_is_refused():
    with pytest.raises(ValueError, match="not a storage size"):
        gib("1Pi")
