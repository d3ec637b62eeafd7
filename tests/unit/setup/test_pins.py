"""What counts as a fitting version, and that the committed pins are whole."""

import pytest

from scripts.setup import paths, pins
from scripts.setup.progress import SetupError


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("etcd Version: 3.6.16\nGit SHA: 71c\nGo Version: go1.26.8\n", (3, 6, 16)),
        ("Kubernetes v1.35.4", (1, 35, 4)),
        ("kwok version v0.8.0 go1.26.8 (linux/amd64)", (0, 8, 0)),
        ("v4.3.1+gabcdef", (4, 3, 1)),
        ("1.75.0\n", (1, 75, 0)),
        ("go1.26", None),
        ("", None),
    ],
)
def test_first_version_is_read_from_what_programs_print(printed: str, expected: tuple[int, ...] | None) -> None:
    assert pins.first_version(printed) == expected


@pytest.mark.parametrize(
    ("printed", "fits"), [("v3.18.0", False), ("v4.0.0", True), ("v4.9.1", True), ("v5.0.0", False)]
)
def test_helm_must_be_four(printed: str, fits: bool) -> None:
    (helm,) = [tool for tool in pins.load() if tool.name == "helm"]
    assert helm.fits(printed) is fits


def test_every_tool_is_pinned_within_its_own_bounds_and_locked_by_hash() -> None:
    for tool in pins.load():
        assert tool.fits(tool.version), tool.name
        assert len(tool.binaries) == len(tool.build_names) == len(tool.packages)
        requirement = (paths.MODULES / tool.module / "go.mod").read_text()
        for package in tool.packages:
            assert f"\t{package}\n" in requirement or f"tool {package}\n" in requirement
        assert f" v{tool.version}" in requirement, f"{tool.name}: go.mod has another version than tools.toml"
        assert (paths.MODULES / tool.module / "go.sum").stat().st_size > 0


def test_an_incomplete_pin_is_named(tmp_path) -> None:
    broken = tmp_path / "tools.toml"
    broken.write_text('[x]\nversion = "1"\nbinaries = ["x"]\n')
    with pytest.raises(SetupError, match="the entry 'x' lacks 'at_least'"):
        pins.load(broken)
