"""What is read off a gateway pod."""

from __future__ import annotations

import pytest

from libs.sandbox.kubernetes.gateways import dialled_by


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["sh", "-c", "until nc -z postgresql 5432; do sleep 2; done"], [("postgresql", 5432)]),
        (
            ["sh", "-c", "nc -z -w 2 db.example 5432 && nc -w3 -z 10.0.0.7 6379"],
            [("db.example", 5432), ("10.0.0.7", 6379)],
        ),
        (
            ["sh", "-c", 'nc -z -w 2 "$1" "$2"', "name", "db.example", "5432", "c-1", "6379"],
            [("db.example", 5432), ("c-1", 6379)],
        ),
        (["sh", "-c", "echo ready"], []),
        (["sleep", "-w", "2"], []),
    ],
)
def test_the_addresses_that_an_init_container_waits_for(command, found):
    assert dialled_by({"command": command}) == found
    assert dialled_by({"args": command}) == found
