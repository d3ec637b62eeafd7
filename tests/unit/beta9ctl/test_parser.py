"""Arguments and help."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from libs.beta9ctl import __main__ as program
from libs.beta9ctl import parser
from libs.beta9ctl.problem import ExitCode


def _commands(root: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for action in root._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from _commands(inner, (*words, word))


ALL = list(_commands(parser.build()))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_everything_has_help_with_the_exit_codes(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main([*words, "--help"])

    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"{code.value:>3}  " in text for code in ExitCode)


def test_every_command_has_something_to_run() -> None:
    for action in _leaves(parser.build()):
        assert callable(program.command_of(argparse.Namespace(run=action.get_default("run"))))


def _leaves(root: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    inner = [a for a in root._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        yield root
    for action in inner:
        for choice in action.choices.values():
            yield from _leaves(choice)


def test_connection_options_may_stand_before_and_behind_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT_REGISTRY_ADDRESS", "registry:1")
    monkeypatch.setenv("INFRA_ENGINE_ADDRESS", "engine:2")

    before = parser.build().parse_args(["--address", "a:9", "-w", "acme", "env", "get", "dev"])
    behind = parser.build().parse_args(["env", "get", "dev", "--address", "a:9", "-w", "acme"])
    neither = parser.build().parse_args(["env", "get", "dev"])

    assert vars(before) == vars(behind)
    assert (before.address, before.workspace) == ("a:9", "acme")
    assert (neither.address, neither.infra_address, neither.workspace) == ("registry:1", "engine:2", "default")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("2h1s", 7201)])
def test_durations(text: str, seconds: float) -> None:
    assert parser.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5h", "1d"])
def test_what_is_no_duration_is_a_usage_error(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["op", "wait", "x", f"--timeout={text}"])

    assert ended.value.code == ExitCode.USAGE
    assert "not a duration" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, libs.beta9ctl.__main__ as p\n"
        "with contextlib.suppress(SystemExit): p.main(['--help'])\n"
        "heavy = {'grpc', 'google.protobuf', 'yaml', 'rich', 'provisioning'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
