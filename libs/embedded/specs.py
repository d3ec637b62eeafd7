"""What is started, with which environment: every variable that a process gets is written here."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from libs.embedded import nats, postmaster
from libs.embedded.layout import ROOT, SERVICES, Layout
from libs.embedded.ports import LOOPBACK, Ports
from libs.embedded.postgres import Postgres

CHARTS = ROOT / "libs" / "sandbox" / "charts"
TOOLS = ROOT / ".tools" / "bin"

# Taken over from whoever starts the platform: what finds programs, the network and Terraform's providers, where
# telemetry goes, and the services' own settings. Nothing else of their environment reaches a process.
_TAKEN_OVER = (
    "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR",
    "XDG_DATA_HOME", "TF_CLI_CONFIG_FILE",
)  # fmt: skip
_TAKEN_OVER_PREFIXES = ("PROVISIONING_", "OTEL_")
# And how a state in Google Cloud Storage is reached.
_AWS = ("AWS_", "GOOGLE_", "STORAGE_EMULATOR_HOST")
_LOG_LEVEL = "PROVISIONING_LOG_LEVEL"


@dataclass(frozen=True)
class Sandbox:
    """The cloud on this machine: how slow it is, and whether its clusters are real."""

    waits_factor: float | None = None
    """Real AWS waits divided by this; None: no waits."""
    kubernetes: bool = True
    """False: its clusters become ACTIVE with nobody behind them."""


@dataclass(frozen=True)
class Spec:
    """One process to keep running. `listener` names its port, by which it is known to be ready."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    listener: str | None = None
    ready_word: str | None = None
    """What a process without a listener writes to its log once it is ready; None: it is ready when it runs."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """Done before every start."""
    unprivileged: bool = False
    restart: bool = True
    end_signal: signal.Signals = signal.SIGTERM
    patience: float = 20.0
    """Seconds between the end signal and SIGKILL."""


def base_environment(outside: Mapping[str, str]) -> dict[str, str]:
    """What every process gets."""
    taken = {
        name: value for name, value in outside.items() if name in _TAKEN_OVER or name.startswith(_TAKEN_OVER_PREFIXES)
    }
    search = (str(TOOLS), str(Path(sys.executable).parent), outside.get("PATH", os.defpath))
    return {**taken, "PATH": os.pathsep.join(search), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def addresses(ports: Ports) -> dict[str, str]:
    """The variables by which services and clients find the four services."""
    return {f"{service.upper()}_ADDRESS": ports.address(service) for service in SERVICES}


def aws_environment(outside: Mapping[str, str], sandbox_url: str | None, key: Mapping[str, str]) -> dict[str, str]:
    """How services reach AWS: by the caller's own variables, or the sandbox's endpoint and a key there."""
    if sandbox_url is None:
        return {name: value for name, value in outside.items() if name.startswith(_AWS)}
    return {
        "AWS_ENDPOINT_URL": sandbox_url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # Files of the user's own AWS account have no say in the sandbox.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PROVISIONING_S3_PATH_STYLE": "true",
        "PROVISIONING_STS_TOKEN_ENDPOINT": sandbox_url,
        "PROVISIONING_CHARTS_DIR": str(CHARTS),
        **key,
    }


def postgres(server: Postgres, base: Mapping[str, str]) -> Spec:
    """The database server."""
    return Spec(
        "postgres",
        tuple(server.argv()),
        {"PATH": base["PATH"], "LANG": "C.UTF-8"},
        listener="postgres",
        prepare=partial(postmaster.clear, server.data),
        unprivileged=True,
        end_signal=signal.SIGINT,
    )


def nats_server(layout: Layout, ports: Ports, passwords: dict[str, str]) -> Spec:
    """The event server."""
    return Spec(
        "nats-server",
        (str(TOOLS / "nats-server"), "-c", str(nats.CONFIGURATION)),
        nats.environment(ports, str(layout.nats), passwords),
        listener="nats",
    )


def sandbox(layout: Layout, ports: Ports, base: Mapping[str, str], wanted: Sandbox) -> Spec:
    """The cloud. It is not started again by itself: the cloud it held would be gone without a word."""
    waits = () if wanted.waits_factor is None else ("--waits-factor", str(wanted.waits_factor))
    bare = () if wanted.kubernetes else ("--without-kubernetes",)
    return Spec(
        "sandbox",
        (
            *(
                sys.executable,
                "-m",
                "libs.sandbox",
                "serve",
                "--host",
                LOOPBACK,
                "--port",
                str(ports.sandbox),
            ),
            *("--state-dir", str(layout.sandbox), "--charts-dir", str(CHARTS), *waits, *bare),
        ),
        dict(base),
        listener="sandbox",
        restart=False,
    )


def service(
    name: str,
    room: str,
    layout: Layout,
    ports: Ports,
    environment: Mapping[str, str],
    passwords: dict[str, str],
    module: str = "",
) -> Spec:
    """`python -m services.NAME ROOM`, or of another module, where the room is api, worker or migrate."""
    server = Postgres(layout.postgres, ports.postgres, "")
    return Spec(
        f"{name}.{room}",
        (sys.executable, "-m", module or f"services.{name}", room),
        {
            **environment,
            **addresses(ports),
            "PROVISIONING_POSTGRES_URL": server.url(name, passwords[f"postgres.{name}"]),
            "PROVISIONING_NATS_URL": nats.url(ports, name, passwords),
            "PROVISIONING_STATE_DIR": str(layout.work),
            "PROVISIONING_SPANS_DIR": str(layout.spans),
        },
        listener=name if room == "api" else None,
        ready_word=f"{name.replace('_', '-')} worker is ready"
        if room == "worker" and _logs_info(environment)
        else None,
        patience=float(environment.get("PROVISIONING_DRAIN_SECONDS", "20")) + 15.0,
    )


def _logs_info(environment: Mapping[str, str]) -> bool:
    return environment.get(_LOG_LEVEL, "INFO") in ("INFO", "DEBUG")
