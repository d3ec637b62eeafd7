"""How a type of resource is found again in AWS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.infra_engine.recovery.account import Account


class Health(Enum):
    """What is to be made of a resource that is there."""

    HEALTHY = "HEALTHY"
    PENDING = "PENDING"
    """It is being made, changed or deleted: wait."""
    FAILED = "FAILED"
    """Its making failed: it will never be healthy and holds nothing, so that it is to be replaced."""


@dataclass(frozen=True, slots=True)
class Found:
    """A resource in AWS. `id` is Terraform's; `attributes` are those that other resources are found by.

    `mend` does what its making left undone, where a plan would not. Blocking.
    """

    id: str
    import_id: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    health: Health = Health.HEALTHY
    mend: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "import_id", self.import_id or self.id)
        object.__setattr__(self, "attributes", {"id": self.id, **self.attributes})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that the stack has: its arguments, as far as they are known, and what is another's already."""

    address: str
    arguments: Mapping[str, Any]
    claimed: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """An argument, or the empty text."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Findable:
    """A type whose resources are looked for. `needs` are the arguments without which none can be there, or be told.

    `defaults` are attributes that an import leaves open though the provider has a default for them: the difference
    would be sent to AWS, which refuses it. `failed` are attributes without which AWS does not delete one that failed
    while it was made. `unnamed` is what AWS makes a second time when it is asked twice.
    """

    needs: tuple[str, ...]
    find: "Callable[[Account, Wanted], Found | None]"
    defaults: Mapping[str, object] = field(default_factory=dict)
    failed: Mapping[str, object] = field(default_factory=dict)
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """A type that is not looked for: to make it again is harmless, and to destroy what it belongs to removes it."""

    why: str


Kind = Findable | MadeAgain
