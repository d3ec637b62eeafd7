"""Where Terraform states are kept: one object at one place, written under conditions, beside the lock of outsiders.

Every store keeps what plain Terraform's backend of the same kind keeps, so that an operator can point it at the place.
The SDKs are imported when a store is first used.
"""

from libs.state_stores.location import StateLocation, StoreKind
from libs.state_stores.opening import open_store
from libs.state_stores.store import LockObject, StateStore, StoredState, WrittenByAnother

__all__ = [
    "LockObject",
    "StateLocation",
    "StateStore",
    "StoreKind",
    "StoredState",
    "WrittenByAnother",
    "open_store",
]
