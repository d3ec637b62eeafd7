"""Finds where Terraform gets its provider: the user's own configuration, a mirror on this machine, or the registry."""

import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PROVIDER = "hashicorp/aws"
PROVIDER_VERSION = "5.100.0"

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def user_cli_config(env: Mapping[str, str]) -> Path | None:
    """The user's own CLI configuration if there is one; it decides then, and nothing is generated.

    A TF_CLI_CONFIG_FILE that names no file counts for nothing: Terraform itself only warns of it.
    """
    if (named := env.get("TF_CLI_CONFIG_FILE")) and Path(named).is_file():
        return Path(named)
    home = Path(env["HOME"]) if "HOME" in env else None
    if home is not None and (home / ".terraformrc").is_file():
        return home / ".terraformrc"
    return None


def find_mirror(env: Mapping[str, str], *, system_folders: Iterable[Path] | None = None) -> Path | None:
    """The first folder that holds the provider for this machine, or None.

    PROVISIONING_TERRAFORM_MIRROR, then the places that Terraform itself looks into, then the folders below /opt.
    Raises `FileNotFoundError` if the named mirror does not hold the provider: it was meant to be used.
    """
    if named := env.get("PROVISIONING_TERRAFORM_MIRROR"):
        if not _holds_provider(Path(named)):
            raise FileNotFoundError(
                f"PROVISIONING_TERRAFORM_MIRROR names {named!r}, which holds no {PROVIDER} {PROVIDER_VERSION}"
                f" for {_platform()}: fill it with `terraform providers mirror` or unset it."
            )
        return Path(named)
    places = _system_folders() if system_folders is None else system_folders
    for folder in (*_user_folders(env), *places):
        if _holds_provider(folder):
            return folder
    return None


def cli_config(mirror: Path | None) -> str:
    """Terraform's CLI configuration for a mirror; without one an empty one, so that no other file is read."""
    if mirror is None:
        return ""
    quoted = str(mirror).replace("\\", "\\\\").replace('"', '\\"')
    return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{quoted}"\n  }}\n}}\n'


def _platform() -> str:
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def _user_folders(env: Mapping[str, str]) -> Iterator[Path]:
    home = Path(env["HOME"]) if "HOME" in env else None
    if home is not None:
        yield home / ".terraform.d" / "plugins"
    if data := env.get("XDG_DATA_HOME"):
        yield Path(data, "terraform", "plugins")
    elif home is not None:
        yield home / ".local" / "share" / "terraform" / "plugins"


def _system_folders() -> Iterator[Path]:
    yield Path("/usr/local/share/terraform/plugins")
    yield Path("/usr/share/terraform/plugins")
    opt = Path("/opt")
    if opt.is_dir():
        yield from sorted(folder for folder in opt.iterdir() if folder.is_dir())


def _holds_provider(mirror: Path) -> bool:
    """Unpacked (`.../VERSION/OS_ARCH/`) or packed (`..._VERSION_OS_ARCH.zip`), below any registry's host."""
    unpacked = f"*/{PROVIDER}/{PROVIDER_VERSION}/{_platform()}"
    packed = f"*/{PROVIDER}/*_{PROVIDER_VERSION}_{_platform()}.zip"
    try:
        return any(any(mirror.glob(pattern)) for pattern in (unpacked, packed))
    except OSError:
        return False
