"""What the sandbox can be told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Settings:
    """One sandbox's settings."""

    host: str
    port: int
    """0 lets the system choose a free port; it is printed once the server listens."""
    state_dir: Path
    """Where control planes keep their files. Nothing there outlives the process."""
    waits_factor: float | None
    """Real AWS waits are divided by this; None means no waits at all."""
    charts_dir: Path | None
    """Folder of Helm charts that goes with this cloud; `GET /health` names it to those who install them."""
    kubernetes: bool
    """False: clusters become ACTIVE with an endpoint where nobody answers, for work on AWS alone."""


def parse(arguments: Sequence[str]) -> Settings:
    """Settings from the command line; exits with one clear sentence when they do not hold."""
    parser = argparse.ArgumentParser(prog="python -m libs.sandbox", description="A whole cloud on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the cloud until it is told to end")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=4566)
    serve.add_argument("--state-dir", type=Path, required=True)
    serve.add_argument("--waits-factor", type=float, default=None, metavar="F")
    serve.add_argument("--charts-dir", type=Path, default=None)
    serve.add_argument("--without-kubernetes", action="store_true")
    given = parser.parse_args(arguments)
    if given.host not in _LOOPBACK:
        serve.error(f"--host {given.host} is not a loopback address; the sandbox listens on 127.0.0.1 alone")
    if given.charts_dir is not None and not given.charts_dir.is_dir():
        serve.error(f"--charts-dir {given.charts_dir} is not a folder; name the one that holds the charts")
    if given.waits_factor is not None and given.waits_factor <= 0:
        serve.error("--waits-factor must be above 0; leave it out for no waits")
    return Settings(
        host=given.host,
        port=given.port,
        state_dir=given.state_dir.resolve(),
        waits_factor=given.waits_factor,
        charts_dir=given.charts_dir.resolve() if given.charts_dir else None,
        kubernetes=not given.without_kubernetes,
    )
