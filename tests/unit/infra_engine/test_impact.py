"""What the changes of a plan mean."""

from typing import Any

import pytest

from services.infra_engine.impact import Impact, WeighedChange, weigh


def change(kind: str, actions: list[str], before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    told = {"actions": actions, "before": before, "after": after, **more}
    return {"address": f"{kind}.one", "type": kind, "mode": "managed", "change": told}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (change("aws_vpc", ["create"]), WeighedChange("aws_vpc.one", "create", Impact.IN_PLACE)),
        (change("aws_db_instance", ["delete"]), WeighedChange("aws_db_instance.one", "delete", Impact.DATA_LOSS)),
        (
            change("aws_db_instance", ["update"], {"instance_class": "a"}, {"instance_class": "b"}),
            WeighedChange("aws_db_instance.one", "update", Impact.DISRUPTIVE, ("instance_class",)),
        ),
        (
            change("aws_db_instance", ["update"], {"allocated_storage": 20, "tags_all": {}}, {"allocated_storage": 30}),
            WeighedChange("aws_db_instance.one", "update", Impact.IN_PLACE, ("allocated_storage",)),
        ),
        (
            change(
                "aws_s3_bucket",
                ["delete", "create"],
                {"bucket": "a", "arn": "x"},
                {"bucket": "b"},
                after_unknown={"arn": True},
                replace_paths=[["bucket"]],
            ),
            WeighedChange("aws_s3_bucket.one", "replace", Impact.DATA_LOSS, ("bucket",)),
        ),
        (
            change("aws_nat_gateway", ["create", "delete"], {}, {}, replace_paths=[["subnet_id"]]),
            WeighedChange("aws_nat_gateway.one", "replace", Impact.DISRUPTIVE, ("subnet_id",)),
        ),
        (
            change("aws_secretsmanager_secret_version", ["create", "delete"], {}, {}, replace_paths=[["version"]]),
            WeighedChange("aws_secretsmanager_secret_version.one", "replace", Impact.IN_PLACE, ("version",)),
        ),
        # Known only after the apply, and no difference that anybody asked for.
        (
            change("aws_eks_cluster", ["update"], {"version": "1.34", "platform_version": "eks.1"},
                   {"version": "1.35"}, after_unknown={"platform_version": True}),
            WeighedChange("aws_eks_cluster.one", "update", Impact.DISRUPTIVE, ("version",)),
        ),
    ],
)  # fmt: skip
def test_each_change_is_weighed(one: dict[str, Any], expected: WeighedChange) -> None:
    assert weigh({"resource_changes": [one]}) == [expected]


def test_what_does_not_change_or_is_only_read_is_no_change_and_the_weightiest_comes_first() -> None:
    read = change("aws_subnet", ["read"]) | {"mode": "data"}
    changes = [
        change("aws_iam_role", ["update"], {}, {"path": "/x"}),
        change("aws_subnet", ["no-op"]),
        read,
        change("aws_eks_node_group", ["delete"]),
        change("aws_kms_key", ["delete", "create"]),
    ]
    kinds = [(one.address.split(".")[0], one.impact) for one in weigh({"resource_changes": changes})]
    assert kinds == [
        ("aws_kms_key", Impact.DATA_LOSS),
        ("aws_eks_node_group", Impact.DISRUPTIVE),
        ("aws_iam_role", Impact.IN_PLACE),
    ]
    assert weigh({}) == []
