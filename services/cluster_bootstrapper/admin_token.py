"""Claims the gateway's first admin token: whoever asks first owns the cluster, so we ask before anyone can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.authorize import Authorization
from services.cluster_bootstrapper.environment_secrets import admin_token_name
from services.cluster_bootstrapper.ports import Log, Secrets

Authorize = Callable[[], Awaitable[Authorization]]
"""Asks a healthy gateway without a token. Raises Failure."""


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
    claiming = asyncio.ensure_future(_claim(store, name, authorize))
    try:
        await asyncio.shield(claiming)
    except asyncio.CancelledError:
        await asyncio.wait([claiming])
        raise
    await log(f"the first admin token is kept in {kept.arn}")
    return kept.arn


async def _claim(store: Secrets, name: str, authorize: Authorize) -> None:
    answer = await authorize()
    if not answer.ok or not answer.new_token:
        raise Failure(
            reason="ADMIN_TOKEN_LOST",
            message="The gateway has given its first admin token away already, and it was not kept.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.PLATFORM,
            remedy=(
                f"If you have the token, store it as the value of the secret {name} and retry; otherwise empty the "
                "table workspace of Beta9's database, so that the gateway gives a new one, then retry."
            ),
            resource_address=name,
            metadata={"gateway_error": answer.error[:200]},
        )
    await store.put(name, answer.new_token)
