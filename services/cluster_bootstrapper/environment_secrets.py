"""The secrets that an environment gets at its bootstrap: how they are named and made. Standard library
only."""

from __future__ import annotations

import base64
import secrets

from services.cluster_bootstrapper.ports import Secrets

_AES_KEY_BYTES = 32


def encryption_key_name(uid: str) -> str:
    """The name of the secret that holds the key with which Beta9 encrypts what it stores."""
    return f"beta9/environments/{uid}/encryption-key"


def admin_token_name(uid: str) -> str:
    """The name of the secret that holds the first admin token of the environment's gateway."""
    return f"beta9/environments/{uid}/admin-token"


def new_encryption_key() -> str:
    """A key in the form that Beta9 reads: `sk_` and the base64 of 32 random bytes."""
    return "sk_" + base64.b64encode(secrets.token_bytes(_AES_KEY_BYTES)).decode()


async def encryption_key(store: Secrets, uid: str) -> str:
    """The environment's key; made at the first call and the same ever after, or the data could not be
    read."""
    name = encryption_key_name(uid)
    kept = await store.create_once(name, new_encryption_key())
    if kept.value is None:
        # A secret without a value was made by a hand or cut off in the middle; nothing is encrypted with it
        # yet.
        await store.put(name, new_encryption_key())
        return await store.read(name)
    return kept.value


async def schedule_secret_deletion(store: Secrets, uid: str, recovery_days: int = 30) -> list[str]:
    """Lets go of the environment's secrets, and gives their names.

    They can be restored for `recovery_days`: a final database snapshot is useless without the encryption key.
    Idempotent.
    """
    names = [encryption_key_name(uid), admin_token_name(uid)]
    for name in names:
        await store.schedule_deletion(name, recovery_days)
    return names
