"""One environment there and back, by the very commands that an operator types."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import yaml

from libs.embedded import foreground
from libs.embedded.failures import PlatformError
from libs.embedded.layout import ROOT, Layout
from libs.embedded.platform import Platform
from libs.embedded.postgres import SHIM
from libs.embedded.specs import Sandbox, base_environment
from libs.interrupts.whole import to_its_end

_DOCUMENT = ROOT / "examples" / "minimal.yaml"
_BETA9CTL = Path(sys.executable).with_name("beta9ctl")
_END_SECONDS = 5.0
_SHOW_CURSOR = "\x1b[?25h"


def run(layout: Layout, sandbox: Sandbox | bool) -> int:
    """0 when the environment came up and went away again."""
    if not sandbox:
        raise PlatformError("the demo makes and removes an environment in the sandbox: leave --no-sandbox out")
    return foreground.run_with(layout, sandbox, _there_and_back)


async def _there_and_back(platform: Platform) -> int:
    document = yaml.safe_load(_DOCUMENT.read_text())
    name: str = document["name"]
    shown = _DOCUMENT.relative_to(ROOT)
    environment = {**base_environment(os.environ), **platform.client_environment}
    if "TERM" in os.environ:
        environment["TERM"] = os.environ["TERM"]

    _say("A customer makes a role in their AWS account that only this workspace's external id opens.")
    external_id = await _beta9ctl(environment, "external-id", keep=True)
    await platform.onboard(document["cloud"]["role_arn"], external_id.strip())
    print(f"  {document['cloud']['role_arn']} now trusts the external id {external_id.strip()}", flush=True)

    _say("One document becomes a running Beta9: Terraform against the AWS API, Helm against the Kubernetes API.")
    await _beta9ctl(environment, "env", "create", "-f", str(shown), "--wait")
    _say("Its outputs. Secrets are named by their ARN and never shown.")
    await _beta9ctl(environment, "env", "get", name)
    _say("One trace holds the whole operation: every hand-over, Terraform resource and Helm release.")
    await _beta9ctl(environment, "env", "trace", name)
    _say("And away again.")
    await _beta9ctl(environment, "env", "delete", name, "--yes", "--wait")
    _say("Done. What is left to end is the platform, and the sandbox's cloud with it.")
    return 0


async def _beta9ctl(environment: Mapping[str, str], *arguments: str, keep: bool = False) -> str:
    """Run beta9ctl on this terminal, or `keep` what it prints. Raises PlatformError when it fails."""
    print(f"\n$ beta9ctl {shlex.join(arguments)}", flush=True)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), "-", str(_BETA9CTL), *arguments),
        env=dict(environment),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if keep else None,
        # A terminal's Ctrl-C is for us alone. It would say that the operation goes on, which here it does not.
        start_new_session=True,
    )
    try:
        output, _ = await child.communicate()
    except asyncio.CancelledError:
        await to_its_end(_end(child))
        # It was in a line, and on a terminal it had hidden the cursor to draw its picture.
        print(_SHOW_CURSOR if sys.stdout.isatty() else "", flush=True)
        raise
    if child.returncode != 0:
        raise PlatformError(
            f"'beta9ctl {shlex.join(arguments)}' failed with exit code {child.returncode}; "
            "the services' logs are in .state/log"
        )
    return output.decode() if keep else ""


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), _END_SECONDS)
        except TimeoutError:
            child.kill()
            await child.wait()


def _say(line: str) -> None:
    print(f"\n=== {line}", flush=True)
