"""Rules of node labels and taints: Kubernetes' syntax, EKS's lengths, and keys that belong to others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.findings import Findings, quoted

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_RESERVED = ("kubernetes.io", "k8s.io", "eks.amazonaws.com", "beta9.dev", "beta9.io")
_LONGEST = 63
"""EKS's, of a key with its prefix; Kubernetes itself allows more."""
_MOST_LABELS = 40
_MOST_TAINTS = 20
_VALUE_RULE = "63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit"


def check_labels(found: Findings, labels: Mapping[str, str], at: str) -> None:
    """Check the labels of a group of nodes."""
    if not found.counted(at, list(labels), 0, _MOST_LABELS, "labels"):
        return
    for key in sorted(labels):
        place = f"{at}[{quoted(key)}]"
        _key(found, key, place, "Must have a key")
        # EKS takes no label without a value.
        if _NAME.fullmatch(labels[key]) is None:
            found.invalid(place, f"Must have a value of 1 to {_VALUE_RULE}.")


def check_taints(found: Findings, taints: Sequence[pb.NodeTaint], at: str) -> None:
    """Check the taints of a group of nodes."""
    if not found.counted(at, taints, 0, _MOST_TAINTS, "taints"):
        return
    seen: set[tuple[str, int]] = set()
    for index, taint in enumerate(taints):
        place = f"{at}[{index}]"
        _key(found, taint.key, f"{place}.key", "Must be")
        if taint.value and _NAME.fullmatch(taint.value) is None:
            found.invalid(f"{place}.value", f"Must be at most {_VALUE_RULE}.")
        if not taint.effect:
            found.invalid(f"{place}.effect", "Is missing: give TAINT_EFFECT_NO_SCHEDULE or another effect.")
        else:
            found.enum(f"{place}.effect", taint.effect, pb.TaintEffect)
        if (taint.key, taint.effect) in seen:
            found.invalid(place, "Has the key and effect of a taint before it: leave one of them out.")
        seen.add((taint.key, taint.effect))


def _key(found: Findings, key: str, at: str, must: str) -> None:
    prefix, slash, name = key.rpartition("/")
    if len(key) > _LONGEST or not _NAME.fullmatch(name) or (slash and not _PREFIX.fullmatch(prefix)):
        found.invalid(at, f"{must} of Kubernetes' form [prefix/]name, and of {_LONGEST} characters at most.")
    elif any(prefix == own or prefix.endswith(f".{own}") for own in _RESERVED):
        found.invalid(at, "Has a prefix that Kubernetes, EKS or the platform keeps for itself: use another.")
