"""Whether the customer's role of deploy/iam may do all that a run really did, as the sandbox counted it."""

from __future__ import annotations

from scripts.iam import sources
from tests.e2e.customer import Customer, ask

# AWS lets everybody do it.
_ALWAYS = frozenset({"sts:GetCallerIdentity"})


async def called(customer: Customer) -> set[str]:
    """The IAM actions that sessions of the account's roles have called up to now."""
    answer = await ask(customer.sandbox, "GET", f"accounts/{customer.account_id}/actions")
    return set(answer["actions"]) - _ALWAYS


def are_allowed(actions: set[str]) -> None:
    """The policies name every action."""
    lacking = actions - _granted()
    assert not lacking, f"deploy/iam/policies lacks {sorted(lacking)}"


def are_all_services(actions: set[str]) -> None:
    """No policy has a service that nothing of a whole create and destroy used."""
    unused = _services(_granted()) - _services(actions)
    assert not unused, f"deploy/iam/policies has {sorted(unused)}, which nothing uses"


def _granted() -> set[str]:
    return {
        action
        for document in sources.policies().values()
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in sources.listed(statement["Action"])
    }


def _services(actions: set[str]) -> set[str]:
    return {action.partition(":")[0] for action in actions}
