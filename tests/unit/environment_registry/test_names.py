"""Names and the ids that are made."""

from __future__ import annotations

import re

import pytest

from libs.eventing.subjects import tokens
from libs.failures import Failure
from services.environment_registry.names import (
    id_is_legal,
    new_external_id,
    new_uid,
    parse_environment,
    parse_operation,
    parse_parent,
)


def test_names_are_taken_apart_and_put_together() -> None:
    name = parse_environment("workspaces/w/environments/one-2")
    assert (name.workspace, name.environment, str(name)) == ("w", "one-2", "workspaces/w/environments/one-2")
    operation = parse_operation("workspaces/w/operations/0b9c")
    assert (operation.workspace, operation.operation, str(operation)) == ("w", "0b9c", "workspaces/w/operations/0b9c")
    assert parse_parent("workspaces/w") == "w"


@pytest.mark.parametrize("identifier", ["a", "a1", "a-1", "a" * 40])
def test_legal_ids_are_legal_in_subjects(identifier: str) -> None:
    assert id_is_legal(identifier)
    assert tokens(f"workspaces/{identifier}/environments/{identifier}") == (identifier, identifier)


@pytest.mark.parametrize("identifier", ["", "1a", "-a", "a-", "A", "a_b", "a.b", "*", ">", "a" * 41, "a\n"])
def test_illegal_ids(identifier: str) -> None:
    assert not id_is_legal(identifier)
    with pytest.raises(Failure, match="NAME_INVALID"):
        parse_environment(f"workspaces/w/environments/{identifier}")
    with pytest.raises(Failure, match="NAME_INVALID"):
        parse_parent(f"workspaces/{identifier}")


def test_uids_fit_the_names_of_every_service() -> None:
    made = {new_uid() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"e[a-z2-7]{15}", uid) for uid in made)


def test_external_ids_have_the_characters_that_sts_allows() -> None:
    assert re.fullmatch(r"[\w+=,.@:/-]{2,1224}", new_external_id())
