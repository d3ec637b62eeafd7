"""Where a tool is taken from, and that a finished step is skipped."""

from pathlib import Path

import pytest

from scripts.setup import gobuild, paths, pins, tools
from scripts.setup.progress import SetupError, Step


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tools of a clone of its own, and a PATH that has nothing of this machine but a shell."""
    for name in ("BIN", "SHARE", "STAMPS"):
        monkeypatch.setattr(paths, name, tmp_path / "tools" / name.lower())
    monkeypatch.setattr(gobuild, "BIN", tmp_path / "tools" / "bin")
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("PATH", str(outside))
    return tmp_path


@pytest.fixture
def helm() -> pins.Tool:
    (found,) = [tool for tool in pins.load() if tool.name == "helm"]
    return found


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_fitting_program_on_path_is_taken(place: Path, helm: pins.Tool) -> None:
    program = _program(place / "outside" / "helm", "echo v4.1.0")
    tools.install(helm, Step("helm"))
    assert (paths.BIN / "helm").resolve() == program


def test_one_that_does_not_fit_is_not_taken(place: Path, helm: pins.Tool) -> None:
    _program(place / "outside" / "helm", "echo v3.18.4")
    with pytest.raises(SetupError, match=r"helm 4\.3\.1 is neither on PATH .* install Go, or put helm .* on PATH"):
        tools.install(helm, Step("helm"))
    assert not (paths.BIN / "helm").exists()


def test_what_is_there_for_these_pins_is_skipped(
    place: Path, helm: pins.Tool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _program(place / "outside" / "helm", "echo v4.1.0")
    tools.install(helm, Step("helm"))
    capsys.readouterr()
    monkeypatch.setattr(tools, "_on_path", lambda tool: pytest.fail("looked again"))
    tools.install(helm, Step("helm"))
    assert capsys.readouterr().err == ""


def test_a_vanished_program_is_installed_again(place: Path, helm: pins.Tool) -> None:
    _program(place / "outside" / "helm", "echo v4.1.0")
    tools.install(helm, Step("helm"))
    (paths.BIN / "helm").unlink()
    tools.install(helm, Step("helm"))
    assert (paths.BIN / "helm").exists()


def test_go_builds_what_is_not_found_and_a_failed_build_leaves_nothing(place: Path, helm: pins.Tool) -> None:
    go = place / "outside" / "go"
    # Answers its version, and "builds" by writing into the folder that follows -o.
    build = (
        'if [ "$1" = env ]; then echo go1.26.8; exit; fi\n'
        'while [ "$1" != -o ]; do shift; done\nprintf "#!/bin/sh\\n" > "$2/helm"\n/bin/chmod +x "$2/helm"\n'
    )
    _program(go, build + "echo out of memory; exit 3")
    with pytest.raises(SetupError, match=r"'go' failed with exit code 3:\n +out of memory"):
        tools.install(helm, Step("helm"))
    assert list(paths.BIN.iterdir()) == []
    _program(go, build)
    tools.install(helm, Step("helm"))
    assert [path.name for path in paths.BIN.iterdir()] == ["helm"]
