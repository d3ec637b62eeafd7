"""`synth`: what the engine's program is given and what becomes of what it answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from libs.beta9ctl import parser
from libs.beta9ctl.commands import synth

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "minimal.yaml")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Puts a program in the engine's place that runs `code`, with the request as `request`."""

    def put(code: str) -> None:
        path = tmp_path / "engine.py"
        path.write_text(f"import json, sys\nrequest = json.load(sys.stdin)\n{code}\n")
        monkeypatch.setattr(synth, "ENGINE", [sys.executable, str(path)])

    return put


def test_the_engine_gets_the_document_and_its_answer_is_printed(engine: Any, capfdbinary: Any) -> None:
    engine("print(json.dumps(request))")

    assert synth.run(_options()) == 0

    request = json.loads(capfdbinary.readouterr().out)
    assert (request["environment"], request["workspace"]) == ("dev", "acme")
    assert request["spec"]["cloud"]["accountId"] == "222233334444"


async def test_the_engines_error_is_told_as_its_own(ctl: Any, engine: Any) -> None:
    engine(
        "error = {'reason': 'DOCUMENT_NOT_SUPPORTED', 'message': 'No GPUs yet.', 'remedy': 'Leave it out.',\n"
        "         'violations': [{'field': 'beta9.workers', 'description': 'Is not built.'}]}\n"
        "print('a warning', file=sys.stderr); print(json.dumps(error), file=sys.stderr); sys.exit(3)"
    )

    done = await ctl("synth", "-f", EXAMPLE)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "error: No GPUs yet. (DOCUMENT_NOT_SUPPORTED)",
        "  - beta9.workers: Is not built.",
        "  remedy: Leave it out.",
    ]


async def test_an_engine_that_breaks_shows_its_last_words(ctl: Any, engine: Any) -> None:
    engine("sys.exit('node: not enough memory')")

    done = await ctl("synth", "-f", EXAMPLE)

    assert done.code == 1
    assert "node: not enough memory" in done.err


async def test_an_engine_that_is_not_installed_is_named(ctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synth, "ENGINE", [sys.executable, "-m", "services.infra_engine_that_is_not_there", "synth"])

    done = await ctl("synth", "-f", EXAMPLE)

    assert done.code == 5
    assert "The infra engine is not installed here" in done.err


def _options() -> Any:
    return parser.build().parse_args(["-w", "acme", "synth", "-f", EXAMPLE])
