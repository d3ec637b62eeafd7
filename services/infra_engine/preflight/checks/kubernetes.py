"""Kubernetes's version: that EKS supports it, and that the cluster can get there from the version that it has."""

from collections.abc import Iterator

from services.infra_engine.preflight.asked import Asked
from services.infra_engine.preflight.facts import Facts, Unreadable
from services.infra_engine.preflight.findings import Finding
from services.infra_engine.stacks.aws.versions import KUBERNETES, minor, newer

_FIELD = "cluster.version"


def check(asked: Asked, facts: Facts) -> Iterator[Finding]:
    """KUBERNETES_VERSION_LOWER, _TOO_FAR and _UNSUPPORTED, of a cluster of our own."""
    wanted = asked.stack_input.cluster
    if wanted.existing_name is not None:
        return
    has = None if isinstance(facts.control_plane, Unreadable) else facts.control_plane
    version = wanted.version or has or KUBERNETES
    if has is not None and newer(has, version):
        yield Finding(
            "KUBERNETES_VERSION_LOWER",
            _FIELD,
            f"The cluster has Kubernetes {has}, which is newer than {version}, and EKS never goes down.",
            f"Leave {_FIELD} out, or give {has}: the cluster stays there.",
        )
        version = has  # what is built on
    elif has is not None:
        yield from _too_far(has, version)
    yield from unsupported(_FIELD, version, facts, extended=wanted.support == "EXTENDED", there=version == has)


def unsupported(field: str, version: str, facts: Facts, *, extended: bool, there: bool = False) -> Iterator[Finding]:
    """KUBERNETES_VERSION_UNSUPPORTED, blocking unless the support is extended and that is wished, or the cluster is
    `there`: whether its document names the version or keeps it, it has to go on from there."""
    if isinstance(facts.kubernetes, Unreadable):
        return
    support = facts.kubernetes.get(version, "UNSUPPORTED")
    if support == "STANDARD_SUPPORT":
        return
    standard = sorted(name for name, kind in facts.kubernetes.items() if kind == "STANDARD_SUPPORT")
    number, those = minor(version), f"one of {', '.join(standard)}."
    yield Finding(
        "KUBERNETES_VERSION_UNSUPPORTED",
        field,
        f"Kubernetes {version} is {'in extended' if support == 'EXTENDED_SUPPORT' else 'out of'} support on EKS.",
        f"Give 1.{number + 1}, then the next one, up to {those}" if there and number else f"Use {those}",
        blocking=not there and (support != "EXTENDED_SUPPORT" or not extended),
    )


def _too_far(has: str, version: str) -> Iterator[Finding]:
    before, after = minor(has), minor(version)
    if before is not None and after is not None and after - before > 1:
        yield Finding(
            "KUBERNETES_VERSION_TOO_FAR",
            _FIELD,
            f"The cluster has Kubernetes {has}, and EKS goes up one minor version at a time, not to {version} at once.",
            f"Give 1.{before + 1}, then the next one.",
            number=after - before,
            limit=1,
        )
