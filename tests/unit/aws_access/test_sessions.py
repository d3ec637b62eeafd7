from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from libs.aws_access import AwsAccess, sessions
from libs.aws_access.sessions import prove_external_id_required, session_for
from libs.failures import Actor, Failure

ROLE = "arn:aws:iam::123456789012:role/Beta9Provisioner"
ACCESS = AwsAccess("123456789012", "eu-west-1", ROLE, "b9-0a1b2c")


def test_the_role_is_assumed_with_the_external_id(sts: Any) -> None:
    session = session_for(ACCESS, "env 42/step")
    credentials = session.get_credentials().get_frozen_credentials()
    assert credentials.access_key == "ASIA000000000001"
    assert session.region_name == "eu-west-1"
    (asked,) = sts.asked
    assert asked["RoleArn"] == ROLE
    assert asked["ExternalId"] == "b9-0a1b2c"
    assert asked["RoleSessionName"] == "env-42-step"


def test_a_long_session_name_is_cut(sts: Any) -> None:
    session_for(ACCESS, "x" * 200)
    assert len(sts.asked[0]["RoleSessionName"]) == 64


def test_a_services_model_is_read_once_for_all_sessions(sts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session_for(ACCESS, "first").client("s3")
    read: list[str] = []
    load = JSONFileLoader.load_file
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: read.append(path) or load(self, path))
    session_for(ACCESS, "second").client("s3")
    assert [path for path in read if "/s3/" in path or "/sts/" in path] == []


def test_credentials_are_renewed_before_they_expire(sts: Any) -> None:
    sts.lives = 60  # less than the SDK's margin, so the next use has to renew
    session = session_for(ACCESS, "renewal")
    sts.lives = 3600
    assert session.get_credentials().get_frozen_credentials().access_key == "ASIA000000000002"
    assert session.get_credentials().get_frozen_credentials().access_key == "ASIA000000000002"
    assert sts.asked[1]["ExternalId"] == "b9-0a1b2c"


def test_every_call_in_the_account_is_spent_from_its_budget(sts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []
    monkeypatch.setattr(sessions, "budget_of", lambda account: SimpleNamespace(spend=lambda: spent.append(account)))
    client = session_for(ACCESS, "budget").client("sts")
    assert spent == [], "the assuming is the platform's own call"
    for _ in range(3):
        client.assume_role(RoleArn=ROLE, RoleSessionName="once", ExternalId="b9-0a1b2c")
    assert spent == [ACCESS.account_id] * 3


def test_a_refused_role_says_who_must_do_what(sts: Any) -> None:
    sts.error = "AccessDenied"
    with pytest.raises(Failure) as caught:
        session_for(ACCESS, "refused")
    failure = caught.value
    assert failure.reason == "ROLE_NOT_ASSUMABLE"
    assert failure.actor is Actor.CUSTOMER
    assert not failure.retryable
    assert ROLE in failure.remedy and "sts:ExternalId = b9-0a1b2c" in failure.remedy


def test_a_renewal_that_is_refused_reports_the_same(sts: Any) -> None:
    sts.lives = 60
    session = session_for(ACCESS, "revoked")
    sts.error = "AccessDenied"
    with pytest.raises(Failure, match="ROLE_NOT_ASSUMABLE"):
        session.client("sts").get_caller_identity()


@pytest.mark.parametrize(
    ("code", "reason", "actor", "retryable"),
    [
        ("RegionDisabledException", "REGION_DISABLED", Actor.CUSTOMER, False),
        ("InvalidClientTokenId", "PLATFORM_CREDENTIALS_INVALID", Actor.PLATFORM, True),
        ("ExpiredToken", "PLATFORM_CREDENTIALS_INVALID", Actor.PLATFORM, True),
    ],
)
def test_other_refusals_are_told_apart(sts: Any, code: str, reason: str, actor: Actor, retryable: bool) -> None:
    sts.error = code
    with pytest.raises(Failure) as caught:
        session_for(ACCESS, "refused")
    assert (caught.value.reason, caught.value.actor) == (reason, actor)
    assert caught.value.retryable is retryable


def test_no_answer_is_not_a_refusal(sts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(Failure) as caught:
        session_for(ACCESS, "nobody")
    assert caught.value.reason == "AWS_UNREACHABLE"
    assert caught.value.retryable


def test_a_role_that_demands_the_external_id_passes(sts: Any) -> None:
    prove_external_id_required(ACCESS)
    assert "ExternalId" not in sts.asked[0]


def test_a_role_that_does_not_demand_it_fails(sts: Any) -> None:
    sts.open_without_external_id = True
    with pytest.raises(Failure) as caught:
        prove_external_id_required(ACCESS)
    assert caught.value.reason == "EXTERNAL_ID_NOT_REQUIRED"
    assert caught.value.actor is Actor.CUSTOMER
    assert "b9-0a1b2c" in caught.value.remedy


def test_a_broken_check_proves_nothing(sts: Any) -> None:
    sts.error = "InvalidClientTokenId"
    with pytest.raises(Failure, match="PLATFORM_CREDENTIALS_INVALID"):
        prove_external_id_required(ACCESS)


def test_carrying_an_access_around_does_not_import_the_sdk() -> None:
    code = "import sys, libs.aws_access.sessions; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
