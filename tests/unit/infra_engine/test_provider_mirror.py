"""Where the provider comes from."""

import platform
from pathlib import Path

import pytest

from services.infra_engine.terraform.provider_mirror import cli_config, find_mirror, user_cli_config

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine().lower())
PLATFORM = f"{platform.system().lower()}_{ARCHITECTURE}"


def mirror(folder: Path, *, packed: bool = False, version: str = "5.100.0") -> Path:
    provider = folder / "registry.example.com" / "hashicorp" / "aws"
    if packed:
        provider.mkdir(parents=True)
        (provider / f"terraform-provider-aws_{version}_{PLATFORM}.zip").touch()
    else:
        (provider / version / PLATFORM).mkdir(parents=True)
    return folder


def test_the_users_own_configuration_decides(tmp_path: Path) -> None:
    config = tmp_path / "mine.tfrc"
    assert user_cli_config({"TF_CLI_CONFIG_FILE": str(config), "HOME": str(tmp_path)}) is None
    (tmp_path / ".terraformrc").touch()
    assert user_cli_config({"TF_CLI_CONFIG_FILE": str(config), "HOME": str(tmp_path)}) == tmp_path / ".terraformrc"
    config.touch()
    assert user_cli_config({"TF_CLI_CONFIG_FILE": str(config), "HOME": str(tmp_path)}) == config
    assert user_cli_config({}) is None


@pytest.mark.parametrize("packed", [False, True])
def test_a_named_mirror_goes_first(tmp_path: Path, packed: bool) -> None:
    named = mirror(tmp_path / "named", packed=packed)
    mirror(tmp_path / ".terraform.d" / "plugins")
    assert find_mirror({"PROVISIONING_TERRAFORM_MIRROR": str(named), "HOME": str(tmp_path)}) == named


def test_a_named_mirror_without_the_provider_is_an_error(tmp_path: Path) -> None:
    old = mirror(tmp_path / "old", version="5.99.0")
    with pytest.raises(FileNotFoundError, match="terraform providers mirror"):
        find_mirror({"PROVISIONING_TERRAFORM_MIRROR": str(old)})


def test_terraforms_own_places_then_the_systems(tmp_path: Path) -> None:
    home, system = tmp_path / "home", tmp_path / "system"
    env = {"HOME": str(home)}
    assert find_mirror(env, system_folders=[system]) is None
    mirror(system)
    assert find_mirror(env, system_folders=[system]) == system
    in_data = mirror(home / ".local" / "share" / "terraform" / "plugins")
    assert find_mirror(env, system_folders=[system]) == in_data
    in_home = mirror(home / ".terraform.d" / "plugins")
    assert find_mirror(env, system_folders=[system]) == in_home


def test_a_mirror_is_the_only_source_and_none_leaves_the_registry() -> None:
    assert cli_config(Path('/srv/a "b"')) == (
        'provider_installation {\n  filesystem_mirror {\n    path = "/srv/a \\"b\\""\n  }\n}\n'
    )
    assert cli_config(None) == ""
