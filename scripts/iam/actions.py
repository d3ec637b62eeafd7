"""The engine's copy of the policies' actions: its image holds nothing of deploy/."""

from pathlib import Path

from scripts.iam.sources import ROOT, Document, listed

TARGET: Path = ROOT / "services" / "infra_engine" / "preflight" / "granted.py"

_HEAD = '''"""What deploy/iam/policies allow, by statement. Made by `make iam`; do not edit."""

STATEMENTS: dict[str, tuple[str, ...]] = {
'''


def render(policies: dict[str, Document]) -> str:
    """The module's text. What a policy denies is nothing that is called."""
    statements = [one for document in policies.values() for one in document["Statement"] if one["Effect"] == "Allow"]
    return _HEAD + "".join(_statement(one["Sid"], listed(one["Action"])) for one in statements) + "}\n"


def _statement(sid: str, actions: list[str]) -> str:
    if len(actions) == 1:
        return f'    "{sid}": ("{actions[0]}",),\n'
    items = "".join(f'        "{action}",\n' for action in actions)
    return f'    "{sid}": (\n{items}    ),\n'
