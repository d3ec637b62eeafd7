"""The static key with which Beta9 makes its workspaces' buckets: made, and rotated by version.

The secret holds the key with its version, JSON of `access_key_id`, `secret_access_key` and `version`. A new key is
stored before anything uses it. IAM lets a user have two keys, so before one is made there may be one: the key that
Beta9 was last configured with. That one stays valid until the next rotation, because Beta9 has copied it into its
database for every workspace that has storage, and has no way to change it there. Standard library only.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.cluster_bootstrapper.charts import BETA9
from services.cluster_bootstrapper.environment_secrets import malformed, workspace_storage_name
from services.cluster_bootstrapper.ports import AccessKey, AccessKeys, Kube, Secrets

# The chart's Secret with the gateway's configuration.
_CONFIGURATION = f"/api/v1/namespaces/{BETA9.namespace}/secrets/beta9-config-helm"


@dataclass(frozen=True)
class _Kept:
    key: AccessKey
    version: int


async def storage_key(
    store: Secrets,
    keys: AccessKeys,
    uid: str,
    user: str,
    *,
    version: int,
    configured: Callable[[], Awaitable[str]],
) -> AccessKey:
    """The key of `user` in the wished `version` or a later one; made and stored if the store has none such.

    `configured` gives the configuration that Beta9 was last installed with, empty before there is one: the key in it
    stays valid. Any other is what a crash left between making a key and storing it, or a rotation that never reached
    Beta9, and is deleted. Idempotent. Raises Failure `SECRET_MALFORMED`.
    """
    name = workspace_storage_name(uid)
    # Made first and empty: if nothing can be stored, no key is made.
    kept = _parsed(name, (await store.create_once(name, None)).value)
    if kept is not None and kept.version >= version:
        return kept.key
    configuration = await configured()
    stored = kept.key.access_key_id if kept is not None else ""
    await keys.remove_except(user, lambda one: one in configuration if configuration else one == stored)
    made = await keys.create(user)
    document = {"access_key_id": made.access_key_id, "secret_access_key": made.secret_access_key, "version": version}
    # A cancellation between the two would lose the key and cost a round.
    await asyncio.shield(store.put(name, json.dumps(document)))
    return made


async def beta9_configuration(kube: Kube) -> str:
    """The configuration that Beta9 was last installed with, as text; empty if it never was."""
    secret = await kube.get(_CONFIGURATION)
    data = ((secret or {}).get("data") or {}).values()
    return "\n".join(base64.b64decode(value).decode("utf-8", "replace") for value in data)


def _parsed(name: str, text: str | None) -> _Kept | None:
    """None without a value; what was stored before there were versions is the first."""
    if text is None:
        return None
    try:
        document = json.loads(text)
        key = AccessKey(str(document["access_key_id"]), str(document["secret_access_key"]))
        return _Kept(key, int(document.get("version", 1)))
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    # Outside of the handler: the parser's error would carry the secret's text.
    raise malformed(name, ("access_key_id", "secret_access_key"))
