"""The cache's auth token: made, kept in Secrets Manager, and set by API: the provider would keep it in the state.

What is done is written into the secret before and after each call, so that whoever goes on after a crash goes on there:
a token that was `made` is set with the strategy ROTATE (the cache takes it beside the one before), then it is `rotated`
and set with SET (it alone is taken), then it is `set`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure
from libs.aws_access.sessions import session_for
from libs.failures import Actor, Failure, Kind
from services.infra_engine.stored_secrets import SESSION, new_secret, read_secret, version_of, write_secret

# ElastiCache takes 16 to 128 characters.
_LENGTH = 64
# AWS changes a group's token in some minutes; a group of six nodes takes longest.
_DEADLINE_SECONDS = 1800.0
_NEXT = {"made": ("ROTATE", "rotated"), "rotated": ("SET", "set")}


@dataclass(frozen=True)
class CacheToken:
    """Which group's token is kept in which secret, and which version of it is wished."""

    access: AwsAccess
    group: str
    secret: str
    version: int

    async def ensure(self, log: Callable[[str], None]) -> None:
        """Returns once the group takes this version of the token alone. Idempotent. Raises Failure."""
        content = await asyncio.to_thread(read_secret, self.access, self.secret)
        if not content.get("auth_token") or version_of(content) < self.version:
            content = {"auth_token": new_secret(_LENGTH), "version": self.version, "progress": "made"}
            await asyncio.to_thread(write_secret, self.access, self.secret, content)
            log(f"cache: made version {self.version} of the auth token")
        if content["progress"] == "set" and not await self._has_token():
            content["progress"] = "made"  # another group by the same name, or a token that somebody took away
        while step := _NEXT.get(str(content["progress"])):
            strategy, after = step
            await self._until_available()
            await asyncio.to_thread(self._modify, str(content["auth_token"]), strategy)
            await self._until_available()
            content["progress"] = after
            await asyncio.to_thread(write_secret, self.access, self.secret, content)
            log(f"cache: the auth token is {after}")

    async def _has_token(self) -> bool:
        group = await asyncio.to_thread(self._describe)
        return bool(group.get("AuthTokenEnabled"))

    async def _until_available(self) -> None:
        pause = 0.2
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while True:
                status = (await asyncio.to_thread(self._describe)).get("Status")
                if status == "available":
                    return
                if status in ("deleting", "create-failed"):
                    raise Failure(
                        "CACHE_NOT_AVAILABLE",
                        f"The cache {self.group} is {status}.",
                        kind=Kind.FAILED_PRECONDITION,
                        actor=Actor.CUSTOMER,
                        remedy="See in the account who deletes it, then retry.",
                        resource_address="aws_elasticache_replication_group.cache",
                    )
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 10.0)

    def _describe(self) -> dict[str, Any]:
        try:
            answer = self._client.describe_replication_groups(ReplicationGroupId=self.group)
        except Exception as error:
            raise aws_failure(error, self.access, f"look at the cache {self.group}", self.group) from error
        group: dict[str, Any] = answer["ReplicationGroups"][0]
        return group

    def _modify(self, token: str, strategy: str) -> None:
        try:
            self._client.modify_replication_group(
                ReplicationGroupId=self.group,
                AuthToken=token,
                AuthTokenUpdateStrategy=strategy,
                ApplyImmediately=True,
            )
        except Exception as error:
            raise aws_failure(error, self.access, f"set the auth token of {self.group}", self.group) from error

    @cached_property
    def _client(self) -> Any:
        return session_for(self.access, SESSION).client("elasticache")
