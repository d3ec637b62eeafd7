"""Secrets on their way out.

AWS: a name is free again once its secret was deleted without recovery or its window is over; until then a create
is refused in words of its own, and so is every write.
moto: says that the secret exists, keeps it past its window, and writes into it.
"""

from __future__ import annotations

import time
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

_MARKED = "You can't perform this operation on the secret because it was marked for deletion."
_SCHEDULED = "You can't create this secret because a secret with this name is already scheduled for deletion."
_CHANGES = ("put_secret_value", "update_secret", "update_secret_version_stage", "tag_resource", "put_resource_policy")


def mend() -> None:
    """Judge by the deletion before moto does."""
    original = SecretsManagerBackend.create_secret

    def create(self: SecretsManagerBackend, *arguments: Any, **named: Any) -> str:
        secret = _alive_or_pending(self, named["name"])
        if secret is not None and secret.is_deleted():
            raise InvalidRequestException(_SCHEDULED)
        return original(self, *arguments, **named)

    SecretsManagerBackend.create_secret = create  # type: ignore[method-assign]
    for change in _CHANGES:
        _refuse_on_deleted(change)


def _refuse_on_deleted(change: str) -> None:
    original = getattr(SecretsManagerBackend, change)

    def changed(self: SecretsManagerBackend, *arguments: Any, **named: Any) -> Any:
        secret = _alive_or_pending(self, named["secret_id"] if "secret_id" in named else arguments[0])
        if secret is not None and secret.is_deleted():
            raise InvalidRequestException(_MARKED)
        return original(self, *arguments, **named)

    setattr(SecretsManagerBackend, change, changed)


def _alive_or_pending(backend: SecretsManagerBackend, secret_id: str) -> FakeSecret | None:
    """The secret; one whose window is over goes with this look."""
    secret = backend.secrets.get(secret_id)
    if not isinstance(secret, FakeSecret):
        return None
    if secret.deleted_date is not None and secret.deleted_date <= time.time():
        backend.secrets.pop(secret_id)
        return None
    return secret
