"""A real sandbox on a free port, and clients that act in accounts of their own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from libs.embedded.cloud import PLATFORM_ACCOUNT

ROOT = Path(__file__).parents[3]
_ACCOUNTS = count(700000000000)
_SESSION = boto3.session.Session()
"""One for all: it keeps the services' models, which take longer to read than a call."""


@dataclass(frozen=True)
class Keys:
    """Keys of a user or of a role's session."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True)
class Cloud:
    """A running sandbox."""

    url: str

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}{path}", method=method, data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def account(self, account_id: str | None = None) -> "Account":
        account_id = account_id or str(next(_ACCOUNTS))
        keys = self.ask("POST", f"/sandbox/accounts/{account_id}")
        return Account(self, account_id, Keys(keys["access_key_id"], keys["secret_access_key"]))

    def variables(self, account_id: str) -> dict[str, str]:
        """The administrator's key of an account, and where its AWS is, by environment variable."""
        keys = self.account(account_id).keys
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        }

    def fail(self, service: str, action: str, code: str, *, count: int = 1, status: int = 400) -> None:
        """Let the next calls of an action fail."""
        order = {"service": service, "action": action, "code": code, "count": count, "status": status}
        self.ask("POST", "/sandbox/faults", order)

    def mend(self) -> None:
        """Let no call fail any more."""
        self.ask("DELETE", "/sandbox/faults")

    def inventory(self, account_id: str) -> int:
        """How many resources an account holds."""
        return int(self.ask("GET", f"/sandbox/accounts/{account_id}/inventory")["total"])


@dataclass(frozen=True)
class Account:
    """An account with its administrator."""

    cloud: Cloud
    id: str
    keys: Keys

    def client(self, service: str, keys: Keys | None = None, region: str = "us-east-1") -> Any:
        keys = keys or self.keys
        make: Callable[..., Any] = _SESSION.client
        return make(
            service,
            region_name=region,
            endpoint_url=self.cloud.url,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.session_token,
            config=Config(
                signature_version="s3v4" if service == "s3" else None,
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
            ),
        )

    def inventory(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.cloud.ask("GET", f"/sandbox/accounts/{self.id}/inventory")["resources"]
        return found

    def role(self, name: str, trust: dict[str, Any]) -> str:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **trust}]}
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        arn: str = made["Role"]["Arn"]
        return arn

    def network(self) -> "Network":
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{letter}")[
                "Subnet"
            ]["SubnetId"]
            for number, letter in enumerate("ab")
        ]
        return Network(vpc, subnets)


@dataclass(frozen=True)
class Network:
    """A VPC with two subnets in two zones."""

    vpc_id: str
    subnet_ids: list[str]


def become_platform(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in this process is the platform from now on, by the SDK's own variables."""
    keys = cloud.account(PLATFORM_ACCOUNT).keys
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_access_key)


@contextlib.contextmanager
def serve(state_dir: Path, *arguments: str) -> Iterator[Cloud]:
    """A sandbox process of one's own, ended with SIGTERM."""
    command = [sys.executable, "-m", "libs.sandbox", "serve", "--port", "0", "--state-dir", str(state_dir)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with open(state_dir / "sandbox.log", "wb") as log:
        process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("sandbox ready at http://127.0.0.1:"), (state_dir / "sandbox.log").read_text()
        yield Cloud(line.split()[-1])
    finally:
        process.send_signal(signal.SIGTERM)
        with process.stdout:
            assert process.wait(timeout=20) == 0


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for all tests of this folder: they keep apart by their accounts."""
    with serve(tmp_path_factory.mktemp("sandbox"), "--without-kubernetes") as running:
        yield running


@pytest.fixture
def account(cloud: Cloud) -> Account:
    """An empty account."""
    return cloud.account()
