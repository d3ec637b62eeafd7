"""The recipe of examples/README.md, done as it is written, by bash and grpcurl."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest

from libs.embedded.platform import Platform
from tests.e2e.client import Client

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "examples" / "README.md"
ROLE = "arn:aws:iam::222233334444:role/Beta9Provisioner"

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]


def recipe() -> str:
    """The steps, one after the other; the blocks that are not marked `sh` only show something."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", RECIPE.read_text(), re.MULTILINE | re.DOTALL))


async def test_the_recipe_brings_an_environment_up_and_takes_it_away(small: Platform, client: Client) -> None:
    await small.onboard(ROLE, await client.external_id())
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        recipe(),
        cwd=ROOT,
        env={**os.environ, **small.client_environment},
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
