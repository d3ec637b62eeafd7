"""A state is told without its secrets, wherever they are, and still tells what differs."""

import json
from typing import Any

from services.state_backend_manager.comparison import ChangeKind, compare
from services.state_backend_manager.redaction import REDACTED, redact

CANARY = "canary-5f2c9e"


def instance(attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema_version": 0, "attributes": attributes, **more}


def state(*resources: tuple[str, str, list[dict[str, Any]]], **outputs: Any) -> dict[str, Any]:
    return {
        "version": 4,
        "serial": 1,
        "lineage": "one",
        "outputs": outputs,
        "resources": [
            {"mode": "managed", "type": kind, "name": name, "instances": instances}
            for kind, name, instances in resources
        ],
    }


def path(*names: str | int) -> list[dict[str, Any]]:
    """A path as Terraform writes it."""
    return [
        {"type": "get_attr", "value": name}
        if isinstance(name, str)
        else {"type": "index", "value": {"value": name, "type": "number"}}
        for name in names
    ]


def test_every_kind_of_secret_is_gone_and_the_rest_is_there() -> None:
    nested = {"config": [{"inner": f"{CANARY}-5"}], "set": [f"{CANARY}-6"], "arn": "arn:aws:x"}
    whole = state(
        ("aws_db_instance", "database", [instance({"password": f"{CANARY}-1", "username": "beta9"})]),
        ("aws_iam_access_key", "key", [instance({"secret": f"{CANARY}-2", "id": "AKIA"})]),
        ("aws_ssm_parameter", "p", [instance({"value": f"{CANARY}-3"})]),
        ("aws_x", "told", [instance({"odd": f"{CANARY}-4"}, sensitive_attributes=[path("odd")])]),
        ("aws_x", "nested", [instance(nested, sensitive_attributes=[path("config", 0, "inner"), path("set", 9)])]),
        ("aws_x", "private", [instance({}, private=f"{CANARY}-7")]),
        ("aws_x", "within", [instance({"url": f"postgres://u:{CANARY}-1@host", "secret_arn": "arn:aws:y"})]),
        dsn={"value": {"deep": f"{CANARY}-8"}, "type": "string", "sensitive": True},
        vpc_id={"value": "vpc-1", "type": "string"},
        leaked={"value": f"x{CANARY}-2x", "type": "string"},
    )
    told = json.dumps(redact(whole))
    assert CANARY not in told
    for kept in ("beta9", "AKIA", "arn:aws:x", "arn:aws:y", "vpc-1", "postgres://u:(redacted)@host"):
        assert kept in told
    # What was given is not touched.
    assert CANARY in json.dumps(whole)


def test_what_differs_is_told_by_address_and_a_secret_only_as_such() -> None:
    old = state(
        ("aws_subnet", "public", [instance({"id": "s-0"}, index_key=0), instance({"id": "s-1"}, index_key=1)]),
        ("aws_db_instance", "database", [instance({"password": f"{CANARY}-1", "tags": {"Name": "a"}, "size": 20})]),
        ("aws_same", "same", [instance({"token": f"{CANARY}-9"})]),
        vpc_id={"value": "vpc-1"},
    )
    new = state(
        ("aws_subnet", "public", [instance({"id": "s-0"}, index_key=0)]),
        ("aws_db_instance", "database", [instance({"password": f"{CANARY}-2", "tags": {"Name": "b"}, "size": 20})]),
        ("aws_same", "same", [instance({"token": f"{CANARY}-9"})]),
        ("aws_eip", "nat", [instance({"id": "e"}, index_key="a")]),
        vpc_id={"value": "vpc-1"},
    )
    changes = compare(old, new)
    assert [(one.address, one.kind) for one in changes] == [
        ("aws_db_instance.database", ChangeKind.CHANGED),
        ('aws_eip.nat["a"]', ChangeKind.ADDED),
        ("aws_subnet.public[1]", ChangeKind.REMOVED),
    ]
    assert changes[0].attributes == (
        ("password", f'"{REDACTED}"', f'"{REDACTED}"'),
        ("tags.Name", '"a"', '"b"'),
    )
    assert compare(old, old) == []


def test_a_taint_is_a_change() -> None:
    old = state(("aws_x", "x", [instance({"id": "1"})]))
    new = state(("aws_x", "x", [instance({"id": "1"}, status="tainted")]))
    assert [change.attributes for change in compare(old, new)] == [(("(status)", "", '"tainted"'),)]
