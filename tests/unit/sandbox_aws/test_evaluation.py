"""What policies say about an action on a resource."""

import json
from typing import Any

import pytest

from libs.sandbox.aws.iam.conditions import context_of, holds, matches
from libs.sandbox.aws.iam.evaluation import Asked, Policy, Verdict, judge

BUCKET = "arn:aws:s3:::beta9-alpha"


def judged(
    *statements: dict[str, Any], action: str = "s3:GetObject", resource: str = BUCKET, **context: str
) -> Verdict:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    known = context_of({name.replace("__", ":"): value for name, value in context.items()})
    return judge([Policy("one", document)], Asked(action, resource, known))


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*", "", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*:log-group:*:stream", "x:log-group:y:stream", True),
        ("[a-z]", "a", False),
        ("a*b*c", "a-b-b-c-c", True),
        ("a*b*c", "a-b-b-d", False),
        ("", "a", False),
    ],
)
def test_wildcards(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value) is expected


def test_nothing_that_is_not_named_is_allowed() -> None:
    assert judged(allow("s3:PutObject")).decision == "implicitDeny"
    assert judged(allow(resource=f"{BUCKET}/*")).decision == "implicitDeny"
    assert judged(allow(["ec2:*", "S3:getobject"], [f"{BUCKET}*"])).decision == "allowed"


def test_a_denial_wins_wherever_it_stands() -> None:
    deny = {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}
    for order in ((allow(), deny), (deny, allow())):
        assert judged(*order).decision == "explicitDeny"
    assert judged(allow(), deny, action="s3:PutObject").decision == "allowed"


def test_all_but() -> None:
    but = {"Effect": "Allow", "NotAction": ["iam:*", "s3:Get*"], "Resource": "*"}
    assert judged(but).decision == "implicitDeny"
    assert judged(but, action="s3:PutObject").decision == "allowed"
    elsewhere = {"Effect": "Deny", "Action": "*", "NotResource": [BUCKET]}
    assert judged(allow(), elsewhere).decision == "allowed"
    assert judged(allow(), elsewhere, resource=f"{BUCKET}-other").decision == "explicitDeny"


def test_an_allowance_whose_condition_does_not_hold_denies_nothing() -> None:
    tagged = {"StringEquals": {"aws:RequestTag/owner": "beta9"}}
    limited = allow(Condition=tagged)
    assert judged(limited).decision == "implicitDeny"
    assert judged(limited).missing == {"aws:RequestTag/owner"}
    assert judged(limited, allow("s3:Get*")).decision == "allowed"
    assert judged(limited, **{"aws__RequestTag/owner": "beta9"}).decision == "allowed"


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringLike", "us-*", "us-east-1", True),
        ("StringNotLike", "us-*", "us-east-1", False),
        ("ArnLike", "arn:aws:iam::*:role/beta9-*", "arn:aws:iam::1:role/beta9-nodes", True),
        ("ArnLike", "arn:aws:iam::*:role/beta9-*", "arn:aws:iam::1:user/beta9-nodes", False),
        ("Bool", True, "true", True),
        ("Bool", "true", "false", False),
        ("NumericLessThanEquals", "30", "30", True),
        ("NumericLessThan", "30", "many", False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-24T00:00:00Z", True),
        ("IpAddress", "192.0.2.0/24", "192.0.2.7", True),
        ("NotIpAddress", "192.0.2.0/24", "192.0.2.7", False),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("SomethingElse", "a", "a", False),
    ],
)
def test_operators(operator: str, wanted: Any, actual: str | None, expected: bool) -> None:
    context = context_of({} if actual is None else {"aws:Key": actual})
    assert holds({operator: {"aws:key": wanted}}, context) is expected


def test_several_values() -> None:
    context = context_of({"aws:TagKeys": ["a", "b"]})
    assert not holds({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, context)
    assert holds({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}, context)
    assert holds({"ForAnyValue:StringEquals": {"aws:TagKeys": ["b"]}}, context)


def test_variables_are_filled_in() -> None:
    own = allow(resource="arn:aws:s3:::${aws:PrincipalAccount}-${aws:username, 'nobody'}")
    assert (
        judged(own, resource="arn:aws:s3:::1-ann", aws__PrincipalAccount="1", aws__username="ann").decision == "allowed"
    )
    assert judged(own, resource="arn:aws:s3:::1-nobody", aws__PrincipalAccount="1").decision == "allowed"
    assert judged(own, resource="arn:aws:s3:::x-nobody").decision == "implicitDeny"


def test_one_statement_is_no_list() -> None:
    document = json.dumps({"Statement": allow()})
    assert judge([Policy("one", document)], Asked("s3:GetObject", BUCKET, {})).decision == "allowed"
