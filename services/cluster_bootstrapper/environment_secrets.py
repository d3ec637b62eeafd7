"""The secrets that an environment gets at its bootstrap: how they are named and made. Standard library
only."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import Secrets, StoredSecret

_AES_KEY_BYTES = 32


def encryption_key_name(uid: str) -> str:
    """The name of the secret that holds the key with which Beta9 encrypts what it stores."""
    return f"beta9/environments/{uid}/encryption-key"


def admin_token_name(uid: str) -> str:
    """The name of the secret that holds the first admin token of the environment's gateway."""
    return f"beta9/environments/{uid}/admin-token"


def workspace_storage_name(uid: str) -> str:
    """The name of the secret that holds the static keys with which Beta9 makes its workspaces' buckets."""
    return f"beta9/environments/{uid}/workspace-storage"


def new_encryption_key() -> str:
    """A key in the form that Beta9 reads: `sk_` and the base64 of 32 random bytes."""
    return "sk_" + base64.b64encode(secrets.token_bytes(_AES_KEY_BYTES)).decode()


async def encryption_key(store: Secrets, uid: str) -> StoredSecret:
    """The environment's key; made at the first call and the same ever after, or the data could not be read."""
    name = encryption_key_name(uid)
    kept = await store.create_once(name, new_encryption_key())
    if kept.value is not None:
        return kept
    # A secret without a value was made by hand; nothing is encrypted with it yet.
    await store.put(name, new_encryption_key())
    return StoredSecret(kept.arn, await store.read(name))


async def cache_auth_token(store: Secrets, secret_arn: str) -> str:
    """The cache's auth token from its secret; empty without a secret. Raises Failure `SECRET_MALFORMED`."""
    if not secret_arn:
        return ""
    return _document(secret_arn, await store.read(secret_arn), "auth_token")["auth_token"]


async def postgres_login(store: Secrets, secret_arn: str) -> tuple[str, str]:
    """User name and password from the secret of the database. Raises Failure `SECRET_MALFORMED`."""
    document = _document(secret_arn, await store.read(secret_arn), "username", "password")
    return document["username"], document["password"]


def _document(secret: str, text: str, *keys: str) -> dict[str, str]:
    try:
        document = json.loads(text)
        found = {key: str(document[key]) for key in keys}
    except (ValueError, KeyError, TypeError):
        found = {}
    if not found or not all(found.values()):
        # Outside of the handler: the parser's error would carry the secret's text.
        raise malformed(secret, keys)
    return found


def malformed(secret: str, keys: Iterable[str]) -> Failure:
    """The failure for a secret whose value is not a JSON object with `keys`."""
    return Failure(
        reason="SECRET_MALFORMED",
        message=f"The secret {secret} is not a JSON object with {' and '.join(keys)}.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy="Apply the environment's infrastructure again, so that the secret is written anew.",
        resource_address=secret,
    )


async def schedule_secret_deletion(store: Secrets, uid: str, recovery_days: int = 30) -> list[str]:
    """Lets go of the environment's secrets, and gives the ARNs of those that there are.

    They can be restored for `recovery_days`: a final database snapshot is useless without the encryption key.
    Idempotent.
    """
    names = [encryption_key_name(uid), admin_token_name(uid), workspace_storage_name(uid)]
    found = [await store.schedule_deletion(name, recovery_days) for name in names]
    return [arn for arn in found if arn is not None]
