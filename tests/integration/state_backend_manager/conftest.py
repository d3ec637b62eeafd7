"""A sandbox's cloud for this folder, and this process as the platform in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from libs.aws_access import AwsAccess
from libs.embedded import onboarding
from tests.integration.sandbox_aws.conftest import Account, Cloud, become_platform, serve

CUSTOMER = "811122223333"
ACCESS = AwsAccess(CUSTOMER, "us-east-1", f"arn:aws:iam::{CUSTOMER}:role/Beta9Provisioner", "an-external-id")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serve(tmp_path_factory.mktemp("sandbox"), "--without-kubernetes") as running:
        asyncio.run(onboarding.onboard(running.url, ACCESS.role_arn, ACCESS.external_id))
        yield running


@pytest.fixture
def customer(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The customer's account; what runs in this process is the platform."""
    become_platform(cloud, monkeypatch)
    return cloud.account(CUSTOMER)
