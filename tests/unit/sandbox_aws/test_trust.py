"""Who may assume a role, by its trust policy."""

import json
from typing import Any

import pytest

from libs.sandbox.aws.sts.trust import Assuming, allows

USER = "arn:aws:iam::000000000001:user/operator"
ROOT = "arn:aws:iam::000000000001:root"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **changes}
    return statement | ({"Condition": condition} if condition else {})


def operator(external_id: str | None = None, **changes: Any) -> Assuming:
    return Assuming(
        **{"account_id": "000000000001", "caller_arn": USER, "principal_arn": USER, **changes}, external_id=external_id
    )


EXTERNAL = {"StringEquals": {"sts:ExternalId": "b9-4711"}}


@pytest.mark.parametrize("principal", [ROOT, "000000000001", USER, "*", [USER, "999999999999"]])
def test_a_named_principal_is_trusted(principal: Any) -> None:
    assert allows(policy(allow(principal)), operator())


@pytest.mark.parametrize("principal", ["arn:aws:iam::000000000002:root", "000000000002", USER + "x", []])
def test_another_principal_is_not(principal: Any) -> None:
    assert not allows(policy(allow(principal)), operator())


@pytest.mark.parametrize(("given", "expected"), [("b9-4711", True), ("b9-4712", False), ("", False), (None, False)])
def test_the_external_id_must_be_the_one_of_the_policy(given: str | None, expected: bool) -> None:
    assert allows(policy(allow(ROOT, EXTERNAL)), operator(given)) is expected


def test_an_external_id_that_nobody_asks_for_does_no_harm() -> None:
    assert allows(policy(allow(ROOT)), operator("b9-4711"))


def test_a_session_is_trusted_by_its_role() -> None:
    session = "arn:aws:sts::000000000001:assumed-role/platform/run"
    role = "arn:aws:iam::000000000001:role/platform"
    assert allows(policy(allow(role)), operator(caller_arn=session, principal_arn=role))


def test_a_denial_wins() -> None:
    deny = allow(USER) | {"Effect": "Deny"}
    assert not allows(policy(allow(ROOT), deny), operator())


def test_another_action_is_not_allowed() -> None:
    assert not allows(policy(allow(ROOT, Action="sts:TagSession")), operator())
    assert allows(policy(allow(ROOT, Action=["sts:TagSession", "sts:*"])), operator())


def test_a_condition_that_cannot_be_judged_does_not_hold() -> None:
    unknown = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert not allows(policy(allow(ROOT, unknown)), operator())
    assert not allows(policy(allow(ROOT, {"Bool": {"sts:ExternalId": "b9-4711"}})), operator("b9-4711"))


def test_every_condition_must_hold() -> None:
    both = {**EXTERNAL, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::000000000001:role/*"}}
    assert not allows(policy(allow(ROOT, both)), operator("b9-4711"))
    both["ArnLike"]["aws:PrincipalArn"] = "arn:aws:iam::000000000001:user/*"
    assert allows(policy(allow(ROOT, both)), operator("b9-4711"))
