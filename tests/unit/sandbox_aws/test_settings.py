"""The command line of the sandbox."""

from pathlib import Path

import pytest

from libs.sandbox.settings import parse


def test_defaults(tmp_path: Path) -> None:
    given = parse(["serve", "--state-dir", str(tmp_path)])
    assert given.host == "127.0.0.1"
    assert given.waits_factor is None
    assert given.kubernetes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "is not a loopback address"),
        (["--waits-factor", "0"], "must be above 0"),
        (["--charts-dir", "/nonexistent"], "is not a folder"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["serve", "--state-dir", str(tmp_path), *arguments])
    assert said in capsys.readouterr().err
