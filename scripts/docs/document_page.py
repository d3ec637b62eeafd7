"""`python -m scripts.docs.document_page [--check]`: writes docs/document.md, or says that it is stale."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.docs.comments import Field, enums, fields, read
from scripts.docs.profile_tables import gpu_table, profile_tables

PAGE = Path(__file__).parents[2] / "docs" / "document.md"
INTRODUCTION = Path(__file__).parent / "document_introduction.md"

# Heading, and the paths of its fields; a path that begins with one of a later section is of that.
_SECTIONS = (
    ("The whole", ""),
    ("Cloud", "cloud."),
    ("Network", "network."),
    ("Cluster", "cluster."),
    ("Node groups", "cluster.node_groups[]."),
    ("Taints", "cluster.node_taints[]."),
    ("Postgres", "data.postgres."),
    ("Redis", "data.redis."),
    ("Object store", "data.object_store."),
    ("Beta9", "beta9."),
    ("Workers", "beta9.workers."),
    ("State", "state."),
    ("State in Google Cloud Storage", "state.gcs."),
)
# Fields that are told with those of another path, which has the same message; and what says so.
_TOLD_ELSEWHERE = ("cluster.system_nodes.", "cluster.node_groups[].taints[].")
_NOTES = {
    "Node groups": "`cluster.system_nodes` has the same fields, but for those that its own line refuses.",
    "Taints": "The taints of a node group have the same fields.",
}
_KINDS = {"string": "text", "bool": "true or false", "int32": "whole number", "map<string, string>": "map of text"}


def main(arguments: list[str]) -> int:
    """0 when the page is what the contract says."""
    fresh = page()
    if "--check" in arguments:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != fresh
        if stale:
            print(f"docs: {PAGE.name} is stale; run make docs and commit it", file=sys.stderr)
        return 1 if stale else 0
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


def page() -> str:
    """The page, made of the contract's comments and the engine's tables."""
    text = read()
    words = _words(enums(text))
    blocks = [INTRODUCTION.read_text(encoding="utf-8").rstrip(), *profile_tables(), "## Fields"]
    told = [one for one in fields(text) if not one.path.startswith(_TOLD_ELSEWHERE)]
    for heading, prefix in _SECTIONS:
        mine = [one for one in told if _section(one.path) == prefix]
        notes = [_NOTES[heading]] if heading in _NOTES else []
        blocks += [f"### {heading}", *notes, _table(mine, enums(text), words)]
    blocks += [*gpu_table(), "## Words", *_word_tables(enums(text), words)]
    return "\n\n".join(blocks) + "\n"


def _section(path: str) -> str:
    return max((prefix for _, prefix in _SECTIONS if path.startswith(prefix)), key=len)


def _table(rows: Iterable[Field], known: dict[str, dict[str, str]], words: dict[str, str]) -> str:
    lines = ["| field | what | type | default | limits | a change is |", "|---|---|---|---|---|---|"]
    for one in rows:
        default = f"*{one.required[0].lower()}{one.required[1:]}*" if one.required else one.default
        cells = (one.what, _kind(one, known), default, one.limits, one.change)
        lines.append(f"| `{one.path}` | " + " | ".join(_cell(cell, words) for cell in cells) + " |")
    return "\n".join(lines)


def _kind(one: Field, known: dict[str, dict[str, str]]) -> str:
    if one.kind in known:
        return f"[{one.kind}](#{one.kind.lower()})"
    kind = _KINDS.get(one.kind, "")
    return f"list of {kind or 'mappings'}" if one.repeated else kind or "mapping"


def _cell(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b", lambda name: words.get(name[0], name[0]), text).replace("|", "\\|")


def _words(known: dict[str, dict[str, str]]) -> dict[str, str]:
    """How documents write each value: `PROFILE_SMALL` of `Profile` is `small`."""
    return {value: f"`{_word(enum, value)}`" for enum, values in known.items() for value in values}


def _word(enum: str, value: str) -> str:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum).upper() + "_"
    return value.removeprefix(prefix).lower()


def _word_tables(known: dict[str, dict[str, str]], words: dict[str, str]) -> Iterator[str]:
    for enum, values in known.items():
        yield f"### {enum}"
        lines = [f"| {words[value]} | {_cell(what, words)} |" for value, what in values.items()]
        yield "\n".join(["| word | what |", "|---|---|", *lines])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
