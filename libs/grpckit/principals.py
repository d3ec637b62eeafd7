"""Who calls: the port that every handler's `Principal` comes from."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from libs.failures import Actor, Failure, Kind


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. `workspaces` are those it may act in; None means all of them."""

    subject: str
    workspaces: frozenset[str] | None = None

    def require(self, workspace: str) -> None:
        """Raises PERMISSION_DENIED (WORKSPACE_FORBIDDEN) unless the caller may act in `workspace`."""
        if self.workspaces is not None and workspace not in self.workspaces:
            raise Failure(
                "WORKSPACE_FORBIDDEN",
                f"{self.subject} may not act in workspace {workspace}.",
                kind=Kind.PERMISSION_DENIED,
                actor=Actor.CUSTOMER,
                remedy="Use credentials of that workspace.",
            )


class PrincipalPort(Protocol):
    """Answers who makes a call."""

    async def identify(self, metadata: dict[str, str]) -> Principal:
        """The caller by the call's metadata. Raises UNAUTHENTICATED when there is none."""


class FixedPrincipals:
    """The port until there is authentication: everyone who reaches the loopback listener is the operator."""

    async def identify(self, metadata: dict[str, str]) -> Principal:
        return Principal("operator")


_current: ContextVar[Principal] = ContextVar("principal")


def current_principal() -> Principal:
    """The caller of the RPC that is being handled."""
    return _current.get()


def set_principal(principal: Principal) -> None:
    _current.set(principal)
