"""What failed while it was made, and what is only in trouble; whose it is; and what the state is told of it."""

from typing import Any, cast

import pytest

from libs.aws_access import AwsAccess
from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.adoption import adoption_of
from services.infra_engine.recovery.finders import data, ec2, identity
from services.infra_engine.recovery.kinds import Found, Health, Wanted

ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/A"


class There(Account):
    """An account whose calls have these answers."""

    def __init__(self, **answers: Any) -> None:
        self.access = AwsAccess("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Role", "external")
        self.uid = "ours"
        self._answers = answers

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        return self._answers[operation]

    def tagged(self, operation: str, key: str, **filters: str) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self._answers[operation])


@pytest.mark.parametrize(
    ("status", "backed_up", "health"),
    [
        ("creating", False, Health.PENDING),
        ("backing-up", False, Health.PENDING),
        ("available", True, Health.HEALTHY),
        ("failed", False, Health.FAILED),
        ("incompatible-network", False, Health.FAILED),
        ("failed", True, Health.HEALTHY),
        ("storage-full", True, Health.HEALTHY),
        ("storage-full", False, Health.HEALTHY),
        ("inaccessible-encryption-credentials", True, Health.HEALTHY),
        ("storage-optimization", True, Health.HEALTHY),
    ],
)
def test_a_database_that_may_hold_data_is_never_taken_for_one_that_failed(
    status: str, backed_up: bool, health: Health
) -> None:
    one: dict[str, Any] = {"DBInstanceStatus": status, "DbiResourceId": "db-1", "TagList": []}
    if backed_up:
        one["LatestRestorableTime"] = "2026-11-24T00:00:00Z"
    account = There(describe_db_instances={"DBInstances": [one]})
    found = data.database(account, Wanted("aws_db_instance.database", {"identifier": "db"}))
    assert found is not None and (found.id, found.import_id, found.health) == ("db-1", "db", health)


def test_a_database_that_failed_is_deleted_without_the_snapshot_that_aws_cannot_make() -> None:
    failed = {"aws_db_instance.database": Found("db-1", "db", health=Health.FAILED)}
    adoption = adoption_of(failed, {"aws_db_instance.database": "db-1"})
    assert (adoption.failed, adoption.untaint, adoption.imports) == (("aws_db_instance.database",), (), {})
    assert adoption_of(failed, {"aws_db_instance.database": "db-2"}).failed == ()
    # An import says so by itself.
    assert adoption_of(failed, {}).failed == ()


@pytest.mark.parametrize(
    ("states", "health"),
    [
        (["available"], Health.HEALTHY),
        (["pending"], Health.PENDING),
        (["deleting"], Health.PENDING),
        (["Failed"], Health.FAILED),
        (["Failed", "available"], Health.HEALTHY),
        (["deleted"], None),
    ],
)
def test_an_endpoint_that_failed_is_replaced_and_one_that_is_deleted_waited_for(
    states: list[str], health: Health | None
) -> None:
    ones = [
        {"VpcEndpointId": f"vpce-{number}", "VpcId": "vpc-1", "ServiceName": "s3", "State": state}
        for number, state in enumerate(states)
    ]
    wanted = Wanted("aws_vpc_endpoint.s3", {"vpc_id": "vpc-1", "service_name": "s3"})
    found = ec2.endpoint(There(describe_vpc_endpoints=ones), wanted)
    assert (None if found is None else found.health) is health


def test_a_nat_gateway_is_waited_for_until_its_address_is_free() -> None:
    one = {"NatGatewayId": "nat-1", "SubnetId": "subnet-1", "State": "deleting"}
    wanted = Wanted("aws_nat_gateway.nat", {"subnet_id": "subnet-1"})
    found = ec2.nat_gateway(There(describe_nat_gateways=[one]), wanted)
    assert found is not None and found.health is Health.PENDING
    assert ec2.nat_gateway(There(describe_nat_gateways=[{**one, "State": "failed"}]), wanted) is None


@pytest.mark.parametrize(
    ("tags", "is_ours"), [({"EnvironmentId": "ours"}, True), ({"EnvironmentId": "x"}, False), ({}, False)]
)
def test_the_identity_provider_of_a_customers_cluster_stays_theirs(tags: dict[str, str], is_ours: bool) -> None:
    given = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    account = There(get_open_id_connect_provider=given)
    found = identity.openid_connect_provider(account, Wanted("aws_iam_openid_connect_provider.oidc", {"url": ISSUER}))
    assert (found is not None) is is_ours
