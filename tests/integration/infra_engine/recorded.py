"""What an account's roles really called, as the sandbox counted it, and whether the policies of deploy/iam allow it."""

import json
import urllib.request

from scripts.iam import sources

# AWS lets everybody do it.
_ALWAYS = frozenset({"sts:GetCallerIdentity"})


def called(sandbox: str, account_id: str) -> set[str]:
    """The IAM actions that sessions of the account's roles have called up to now."""
    with urllib.request.urlopen(f"{sandbox}/sandbox/accounts/{account_id}/actions") as answer:
        return set(json.load(answer)["actions"]) - _ALWAYS


def are_allowed(actions: set[str]) -> None:
    """The policies name every action."""
    lacking = actions - granted()
    assert not lacking, f"deploy/iam/policies lacks {sorted(lacking)}"


def are_all_services(actions: set[str]) -> None:
    """No policy has a service that nothing of a whole create and destroy used."""
    unused = _services(granted()) - _services(actions)
    assert not unused, f"deploy/iam/policies has {sorted(unused)}, which nothing uses"


def granted() -> set[str]:
    """Every action that a policy allows."""
    return {
        action
        for document in sources.policies().values()
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in sources.listed(statement["Action"])
    }


def _services(actions: set[str]) -> set[str]:
    return {action.partition(":")[0] for action in actions}
