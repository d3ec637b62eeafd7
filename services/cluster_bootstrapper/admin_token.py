"""Claims the gateway's first admin token: whoever asks first owns the cluster, so we ask before anyone can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.authorize import Authorization
from services.cluster_bootstrapper.environment_secrets import admin_token_name
from services.cluster_bootstrapper.ports import Log, Secrets

Authorize = Callable[[], Awaitable[Authorization]]
"""Asks a healthy gateway without a token. Raises Failure."""


# "Invalid token" is also what a gateway says whose database is away for a moment, so once is not believed.
_ASKS = 3
_ASK_PAUSE = 2.0
# A token that has been given is not given again: what fails to store it is tried for as long as a worker may drain.
_STORE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)


async def claim_admin_token(store: Secrets, uid: str, authorize: Authorize, log: Log) -> str:
    """The ARN of the secret that holds the first admin token; claims the token if that has not been done.

    Idempotent. The secret is made first and empty, so that a token is never claimed that could not be kept, and a
    cancellation waits until the token is stored. Raises Failure `ADMIN_TOKEN_LOST` if the gateway has given its
    token away before and we do not have it.
    """
    name = admin_token_name(uid)
    kept = await store.create_once(name, None)
    if kept.value is not None:
        return kept.arn
    refusal = ""
    for ask in range(_ASKS):
        if ask:
            await asyncio.sleep(_ASK_PAUSE)
        refused = await _whole(_claim(store, name, authorize))
        if refused is None:
            await log(f"the first admin token is kept in {kept.arn}")
            return kept.arn
        if refused.error != refusal:
            refusal = refused.error
            await log(f"the gateway gave no token: {refusal[:200]}")
    raise _lost(name, refusal)


async def _whole(claim: Coroutine[Any, Any, Authorization | None]) -> Authorization | None:
    """Not cut off in its middle by a cancellation, which is raised afterwards."""
    claiming = asyncio.ensure_future(claim)
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        await asyncio.gather(claiming, return_exceptions=True)
        raise


async def _claim(store: Secrets, name: str, authorize: Authorize) -> Authorization | None:
    """None when the token is stored, else what the gateway said instead of giving one."""
    answer = await authorize()
    if not answer.ok or not answer.new_token:
        return answer
    for pause in _STORE_PAUSES:
        try:
            await store.put(name, answer.new_token)
            return None
        except Failure:
            await asyncio.sleep(pause)
    await store.put(name, answer.new_token)
    return None


def _lost(name: str, error: str) -> Failure:
    return Failure(
        reason="ADMIN_TOKEN_LOST",
        message="The gateway has given its first admin token away already, and it was not kept.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.PLATFORM,
        remedy=(
            "Read it from Beta9's database, which can be reached from a pod of the cluster "
            "(SELECT key FROM token WHERE token_type = 'admin' AND active), "
            f"store it as the value of the secret {name}, then retry."
        ),
        resource_address=name,
        metadata={"gateway_error": error[:200]},
    )
