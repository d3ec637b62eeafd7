"""The recipe of examples/README.md, done as it is written, by bash and grpcurl."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from provisioning.environment.v1 import environment_service_pb2 as messages

from libs.beta9ctl import parser
from libs.beta9ctl.rpc import Platform as Client
from libs.embedded.platform import Platform

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "examples" / "README.md"
ROLE = "arn:aws:iam::222233334444:role/Beta9Provisioner"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]


def recipe() -> str:
    """The steps, one after the other; the blocks that are not marked `sh` only show something."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", RECIPE.read_text(), re.MULTILINE | re.DOTALL))


async def test_the_recipe_brings_an_environment_up_and_takes_it_away(tmp_path: Path) -> None:
    async with Platform(tmp_path, ports="auto") as platform:
        await platform.onboard(ROLE, await _external_id(platform.endpoints.environment_registry))
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            recipe(),
            cwd=ROOT,
            env={**os.environ, **platform.client_environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    text = out.decode()
    assert process.returncode == 0, text
    assert text.count('"done": true') >= 3, text
    assert text.index("ENVIRONMENT_STATE_ACTIVE") < text.index("ENVIRONMENT_STATE_DELETED"), text
    assert '"error"' not in text, text


async def _external_id(address: str) -> str:
    async with Client(parser.build().parse_args(["--address", address, "external-id"])) as client:
        request = messages.IssueExternalIdRequest(parent="workspaces/default")
        response = await client.registry.call(client.environments.IssueExternalId, request)
    return str(response.external_id)
