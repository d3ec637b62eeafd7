"""Of twins, which a lost answer of AWS leaves, the one that was built on is adopted, whatever their ids."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from services.infra_engine.recovery.account import Account
from services.infra_engine.recovery.finders import ec2
from services.infra_engine.recovery.kinds import Found, Wanted

Find = Callable[[Account, Wanted], Found | None]


class There:
    """What EC2 lists with the environment's tag."""

    def __init__(self, **lists: list[dict[str, Any]]) -> None:
        self._lists = lists

    def tagged(self, operation: str, key: str, **filters: str) -> list[dict[str, Any]]:
        return self._lists.get(key, [])


@pytest.mark.parametrize("used", ["a", "b"])
def test_the_vpc_that_holds_something(used: str) -> None:
    vpcs = [{"VpcId": name, "CidrBlock": "10.0.0.0/16"} for name in ("a", "b")]
    there = There(Vpcs=vpcs, SecurityGroups=[{"VpcId": used}])
    found = ec2.vpc(cast(Account, there), Wanted("aws_vpc.vpc", {"cidr_block": "10.0.0.0/16"}))
    assert found is not None and found.id == used


@pytest.mark.parametrize("used", ["a", "b"])
@pytest.mark.parametrize(
    ("find", "key", "identifier", "more"),
    [
        (ec2.internet_gateway, "InternetGateways", "InternetGatewayId", {"Attachments": [{"VpcId": "v"}]}),
        (ec2.address, "Addresses", "AllocationId", {"AssociationId": "eipassoc-1"}),
        (ec2.route_table, "RouteTables", "RouteTableId", {"Associations": [{"SubnetId": "s"}]}),
    ],
)
def test_the_one_that_is_attached(find: Find, key: str, identifier: str, more: dict[str, Any], used: str) -> None:
    twins = [{identifier: name, "VpcId": "v", **(more if name == used else {})} for name in ("a", "b")]
    found = find(cast(Account, There(**{key: twins})), Wanted("one", {"vpc_id": "v"}))
    assert found is not None and found.id == used
