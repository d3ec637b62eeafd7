"""What a destroy leaves is named with its reason."""

from typing import Any

import pytest

from libs.aws_access import AwsAccess
from services.infra_engine.kept import kept_resources

ACCESS = AwsAccess("123456789012", "eu-west-1", "arn:aws:iam::123456789012:role/r", "id")
VARIABLES = {"names": {"final_snapshot": "beta9-x-final"}, "postgres_skip_final_snapshot": False}
SNAPSHOT = "arn:aws:rds:eu-west-1:123456789012:snapshot:beta9-x-final"


@pytest.mark.parametrize(
    ("data", "variables", "expected"),
    [
        ({}, VARIABLES, []),
        ({"had_database": True}, VARIABLES, [SNAPSHOT]),
        ({"had_database": True}, VARIABLES | {"postgres_skip_final_snapshot": True}, []),
        ({"had_database": True}, {}, []),
        # What RDS lists goes before what the document says.
        ({"had_database": True, "snapshots": None}, VARIABLES, [SNAPSHOT]),
        ({"had_database": True, "snapshots": []}, VARIABLES, []),
        ({"snapshots": ["beta9-x-final", "beta9-x-final-a"]}, {}, [SNAPSHOT, f"{SNAPSHOT}-a"]),
        ({"key": "arn:aws:kms:1"}, VARIABLES, ["arn:aws:kms:1"]),
        ({"workspace_buckets": ["a", "b"]}, VARIABLES, ["arn:aws:s3:::a", "arn:aws:s3:::b"]),
    ],
)
def test_each_is_named(data: dict[str, Any], variables: dict[str, Any], expected: list[str]) -> None:
    kept = kept_resources(ACCESS, data, variables)
    assert [one.resource for one in kept] == expected
    assert all(one.reason for one in kept)
