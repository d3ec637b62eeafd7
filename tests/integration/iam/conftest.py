"""A sandbox for the tests of this folder, and the way to run scripts/setup-iam.sh in an account of it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.iam import aws_stand_in
from tests.integration.sandbox_aws.conftest import Account, Cloud, serve

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "setup-iam.sh"


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for all tests of this folder: they keep apart by their accounts."""
    with serve(tmp_path_factory.mktemp("sandbox"), "--without-kubernetes") as running:
        yield running


@pytest.fixture
def account(cloud: Cloud) -> Account:
    """An empty account."""
    return cloud.account()


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for PATH whose `aws` is the tests' own."""
    folder = tmp_path_factory.mktemp("bin")
    with aws_stand_in.on_path(folder):
        yield folder


PLATFORM, EXTERNAL_ID = "111111111111", "beta9-zniomfy35irkgdabmxambqxzuzu3damk"
NEEDED = ("--platform-account", PLATFORM, "--external-id", EXTERNAL_ID)


@dataclass(frozen=True)
class Done:
    """How a run of the script ended."""

    code: int
    out: str
    said: str


def run(account: Account, first_on_path: Path | None, *arguments: str, **environment: str) -> Done:
    """The script with the account's administrator."""
    path = os.environ["PATH"]
    done = subprocess.run(
        [SCRIPT, *arguments],
        env={
            "PATH": f"{first_on_path}{os.pathsep}{path}" if first_on_path else path,
            "HOME": os.environ.get("HOME", "/"),
            "AWS_ENDPOINT_URL": account.cloud.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": account.keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": account.keys.secret_access_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    return Done(done.returncode, done.stdout.strip(), done.stderr)


@dataclass(frozen=True)
class Made:
    """An account in which the script has run once, without options, and how that ended."""

    account: Account
    done: Done


@pytest.fixture(scope="session")
def made(cloud: Cloud, stand_in: Path) -> Made:
    """For tests that leave the role as it is: a run is some twenty calls."""
    account = cloud.account()
    return Made(account, run(account, stand_in, *NEEDED))
