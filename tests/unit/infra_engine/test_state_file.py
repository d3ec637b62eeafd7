"""Which state a run may start from."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.infra_engine.terraform import StartFrom, StateUnusable, choose_state, parse_state


def state(serial: int, lineage: str = "L", *, note: str = "") -> bytes:
    resources = [
        {"mode": "managed", "type": "aws_vpc", "name": "vpc", "instances": [{"attributes": {"id": note}}]},
        {"mode": "data", "type": "aws_availability_zones", "name": "zones", "instances": [{"attributes": {}}]},
        {"mode": "managed", "type": "aws_eip", "name": "gone", "instances": []},
    ]
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": resources}, indent=2).encode()


def test_a_whole_state_is_read() -> None:
    snapshot = parse_state(state(7))
    assert snapshot is not None
    assert (snapshot.lineage, snapshot.serial) == ("L", 7)
    assert snapshot.addresses() == {"aws_vpc.vpc"}
    assert "vpc" not in repr(snapshot)


@given(cut=st.integers(min_value=0, max_value=len(state(7)) - 1))
def test_a_state_cut_anywhere_is_never_believed(cut: int) -> None:
    torn = state(7)[:cut]
    assert parse_state(torn) is None
    assert choose_state(torn, state(3)) is StartFrom.SHIPPED
    with pytest.raises(StateUnusable):
        choose_state(torn, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"null",
        b"[]",
        b"{}",
        b'{"version": 3, "serial": 1, "lineage": "L", "resources": []}',
        b'{"version": 4, "serial": 1, "lineage": "", "resources": []}',
        b'{"version": 4, "serial": -1, "lineage": "L", "resources": []}',
        b'{"version": 4, "serial": 1, "lineage": "L"}',
        b"\x00" * 100,
        b"\xff\xfe",
    ],
)
def test_what_is_no_state_is_not_believed(raw: bytes) -> None:
    assert parse_state(raw) is None


@pytest.mark.parametrize(
    ("local", "shipped", "start"),
    [
        (None, None, StartFrom.NOTHING),
        (state(1), None, StartFrom.LOCAL),
        (None, state(1), StartFrom.SHIPPED),
        (b"", state(1), StartFrom.SHIPPED),
        (state(5), state(4), StartFrom.LOCAL),
        (state(4), state(5), StartFrom.SHIPPED),
        (state(4, note="ours"), state(4, note="theirs"), StartFrom.SHIPPED),
    ],
)
def test_only_a_newer_local_state_goes_before_the_shipped_one(
    local: bytes | None, shipped: bytes | None, start: StartFrom
) -> None:
    assert choose_state(local, shipped) is start


@pytest.mark.parametrize(
    ("local", "shipped", "reason"),
    [
        (b"", None, "STATE_TORN"),
        (state(9, "A"), state(1, "B"), "STATE_LINEAGE_DIFFERS"),
        (state(9), b"", "STATE_UNREADABLE"),
        (None, b"{", "STATE_UNREADABLE"),
    ],
)
def test_no_run_starts_where_nothing_can_be_believed(local: bytes | None, shipped: bytes | None, reason: str) -> None:
    with pytest.raises(StateUnusable) as caught:
        choose_state(local, shipped)
    assert caught.value.reason == reason
