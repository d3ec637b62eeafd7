"""The port to leases: the right to work on an attempt, for a time, under a fence."""

import logging
from dataclasses import dataclass
from typing import Protocol

_log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The lease has another holder or ran out: whatever was done under it must stop now."""


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease that this process holds. Every write under it carries `fence`."""

    key: str
    fence: int


class LeasePort(Protocol):
    """Leases by the owner's clock. Any method may raise another exception than LeaseLost when the owner cannot be
    reached for a moment; that says nothing about the lease."""

    async def acquire(self, key: str, *, holder: str, run: str, seconds: float) -> HeldLease | None:
        """The lease, or None when another holds it. A holder that asks again for the same run gets the one it has."""

    async def renew(self, lease: HeldLease, *, holder: str, seconds: float) -> None:
        """Prolongs it to `seconds` from now. Raises LeaseLost."""

    async def release(self, lease: HeldLease, *, holder: str) -> None:
        """Ends it; harmless when it is not held any more."""


def lease_key(workspace: str, uid: str, service: str) -> str:
    """The key of the lease that a service's runs on one environment are worked under."""
    return f"workspaces/{workspace}/stateBackends/{uid}/{service}"


async def release(leases: LeasePort, lease: HeldLease, *, holder: str) -> None:
    """Ends a lease where it can; where its owner cannot be told, it runs out by itself. Raises nothing."""
    try:
        await leases.release(lease, holder=holder)
    except Exception as error:
        _log.warning("lease %s not released: %s: %s", lease.key, type(error).__name__, error)
