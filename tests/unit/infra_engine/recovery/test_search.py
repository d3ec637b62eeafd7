"""What is looked for, in which order, and what it may be taken for."""

import json
from typing import Any

import pytest

from libs.failures import Failure
from services.infra_engine.recovery import search
from services.infra_engine.recovery.kinds import Findable, Found, MadeAgain, Wanted
from services.infra_engine.recovery.references import References, Unresolved
from services.infra_engine.recovery.search import Search, held

MAIN = {
    "resource": {
        "aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": {
            "a": {"vpc_id": "${aws_vpc.vpc.id}", "cidr_block": "${var.cidrs[0]}"},
            "b": {"vpc_id": "${aws_vpc.vpc.id}", "cidr_block": "${var.cidrs[1]}"},
        },
        "aws_bucket_part": {"part": {}},
        "aws_unknown": {"x": {}},
    }
}
VARIABLES = {"cidrs": ["10.0.0.0/24", "10.0.1.0/24"]}


def instance(kind: str, name: str, identifier: str, **more: Any) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": kind,
        "name": name,
        "instances": [{"attributes": {"id": identifier}, **more}],
    }


class There:
    """AWS as a list of what is there, by type; keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **ids: list[str]) -> None:
        self.asked: list[Wanted] = []
        self.ids = ids
        table = {
            "aws_vpc": Findable((), self._find),
            "aws_subnet": Findable(("vpc_id", "cidr_block"), self._find),
            "aws_bucket_part": MadeAgain("It goes with its bucket."),
        }
        monkeypatch.setattr(search, "KINDS", table)

    def _find(self, account: object, wanted: Wanted) -> Found | None:
        self.asked.append(wanted)
        kind = wanted.address.partition(".")[0]
        free = [one for one in self.ids.get(kind, []) if one not in wanted.claimed]
        return Found(free[0]) if free else None


def run(resources: list[dict[str, Any]]) -> tuple[Search, dict[str, Found]]:
    one = Search(json.dumps(MAIN).encode(), VARIABLES, {"resources": resources}, account=None)  # type: ignore[arg-type]
    return one, one.run()


def test_a_child_is_looked_for_by_the_parent_that_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    there = There(monkeypatch, aws_vpc=["vpc-1"], aws_subnet=["s-1", "s-2"])
    looked, found = run([])
    assert {address: one.id for address, one in found.items()} == {
        "aws_vpc.vpc": "vpc-1",
        "aws_subnet.a": "s-1",
        "aws_subnet.b": "s-2",
    }
    assert {one.text("vpc_id") for one in there.asked if one.address.startswith("aws_subnet")} == {"vpc-1"}
    assert looked.not_looked_for == ["aws_unknown"]


def test_without_its_parent_nothing_of_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there = There(monkeypatch, aws_subnet=["s-1"])
    assert run([])[1] == {}
    assert [one.address for one in there.asked] == ["aws_vpc.vpc"]


def test_what_the_state_holds_is_neither_looked_for_nor_given_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    there = There(monkeypatch, aws_subnet=["s-1", "s-2"])
    _, found = run([instance("aws_vpc", "vpc", "vpc-1"), instance("aws_subnet", "a", "s-1")])
    assert {address: one.id for address, one in found.items()} == {"aws_subnet.b": "s-2"}
    assert len(there.asked) == 1


def test_what_another_address_has_is_not_found_by_its_name_again(monkeypatch: pytest.MonkeyPatch) -> None:
    There(monkeypatch)
    by_name = Findable((), lambda account, wanted: Found("vpc-1"))
    monkeypatch.setattr(search, "KINDS", {**search.KINDS, "aws_vpc": by_name})
    _, found = run([instance("aws_vpc", "of_another_document", "vpc-1")])
    assert found == {}


def test_what_waits_to_be_deleted_is_not_the_addresss_own(monkeypatch: pytest.MonkeyPatch) -> None:
    There(monkeypatch, aws_vpc=["vpc-old", "vpc-new"])
    _, found = run([instance("aws_vpc", "vpc", "vpc-old", deposed="1234")])
    assert found["aws_vpc.vpc"].id == "vpc-new"


def test_what_is_tainted_may_be_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    There(monkeypatch, aws_vpc=["vpc-1"])
    looked, found = run([instance("aws_vpc", "vpc", "vpc-1", status="tainted")])
    assert (found["aws_vpc.vpc"].id, looked.tainted()) == ("vpc-1", {"aws_vpc.vpc": "vpc-1"})


def test_a_refusal_is_a_failure_that_names_the_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(account: object, wanted: Wanted) -> Found | None:
        raise Failure("AWS_PERMISSION_DENIED", "no")

    monkeypatch.setattr(search, "KINDS", {"aws_vpc": Findable((), refuse)})

    class NoAccount:
        access = None

    with pytest.raises(Failure, match="no"):
        Search(json.dumps(MAIN).encode(), VARIABLES, {"resources": []}, NoAccount()).run()  # type: ignore[arg-type]


def test_references() -> None:
    known = References(
        {"names": {"role": "r"}},
        {"of": "${aws_x.y.z[0].w}"},
        {"aws_x.y": {"z": [{"w": 5}], "none": None}, "data.aws_d.e": {"id": "d-1"}},
    )
    assert known.resolve("${aws_x.y.z[0].w}") == 5
    assert known.resolve("a-${var.names.role}-${aws_x.y.z[0].w}") == "a-r-5"
    assert known.resolve({"a": ["${local.of}", "${data.aws_d.e.id}"]}) == {"a": [5, "d-1"]}
    for unknown in ("${aws_x.y.none}", "${aws_x.other.id}", "${trimprefix(aws_x.y.z, 'a')}", "${var.names.other}"):
        with pytest.raises(Unresolved):
            known.resolve(unknown)


def test_data_is_held_for_its_attributes_alone() -> None:
    data = {**instance("aws_d", "e", "d-1"), "mode": "data"}
    found = held({"resources": [data]})
    assert (found.current, found.claimed, found.attributes) == (frozenset(), {}, {"data.aws_d.e": {"id": "d-1"}})
