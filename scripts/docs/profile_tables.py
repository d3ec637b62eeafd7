"""What profiles, sizes and GPUs are, from the tables by which the engine builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES, RESERVATION_LIKELY
from services.infra_engine.stacks.aws.profiles import CACHES, DATABASES, NODES

_COUNTS = (1, 2, 4, 8)


def profile_tables() -> Iterator[str]:
    """`cluster.profile`, `data.postgres.size` and `data.redis.size`."""
    yield "## Profiles and sizes"
    yield (
        "A profile sizes the system nodes alone; the stores have sizes of their own, and a field that is said wins over"
        " both. Think of the nodes first when you think of cost, then of the stores, of a NAT gateway a zone, and, as"
        " soon as there are any, of the GPUs, which outweigh all else."
    )
    yield _table(
        ("`cluster.profile`", "system nodes", "least", "at first", "most", "disk"),
        [
            (f"`{name}`", one.instance_type, one.min_size, one.desired_size, one.max_size, f"{one.disk_gb} GiB")
            for name, one in NODES.items()
        ],
    )
    yield _table(
        ("size", "`data.postgres.size`", "storage", "`data.redis.size`"),
        [
            (f"`{name}`", one.instance_class, f"{one.storage_gb} GiB", CACHES[name])
            for name, one in DATABASES.items()
        ],
    )  # fmt: skip
    yield "\n".join(
        [
            "- `small` is for trials and development: burstable machines, which slow down under a lasting load.",
            "- `medium` is for a team: burstable still, with twice to four times the memory.",
            "- `large` is for production: more nodes, and a database and a cache that are not burstable.",
            "",
            "All have a standby of the database and a replica of the cache, unless `multi_az` and `ha` are off.",
        ]
    )


def gpu_table() -> Iterator[str]:
    """The instance types by GPU and count."""
    yield "## GPUs"
    yield (
        "Beta9's own names, and the instance type for each number of GPUs a node. Where there is no type the pre-flight"
        " refuses the document and names the counts that AWS sells. The earlier names `nvidia-tesla-t4`, `-v100` and"
        " `-a100` are read too: an A100 without a size is `a100_40`, because that is what AWS's common A100 machine"
        " (p4d.24xlarge) has, and the one with 80 GB must be asked for by name."
    )
    yield _table(
        ("Beta9's name", *(f"{count} a node" for count in _COUNTS), "reservation"),
        [(name, *_types(types), "likely needed" if name in RESERVATION_LIKELY else "") for name, types in _sold()],
    )


def _sold() -> Iterator[tuple[str, Mapping[int, str]]]:
    yield from INSTANCE_TYPES.items()


def _types(types: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(types.get(count, "") for count in _COUNTS) if types else ("AWS sells none", "", "", "")


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
