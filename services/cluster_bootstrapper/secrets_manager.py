"""`Secrets` on AWS Secrets Manager in the customer's account. The SDK comes in with the session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.ports import StoredSecret

if TYPE_CHECKING:
    import boto3

Result = TypeVar("Result")

_GONE = "ResourceNotFoundException"
_EXISTS = "ResourceExistsException"
# What Secrets Manager says of a secret that is scheduled for deletion.
_BEING_DELETED = "InvalidRequestException"


class SecretsManager:
    """See `ports.Secrets`. `tags` go on every secret that is made here."""

    def __init__(self, session: boto3.Session, access: AwsAccess, tags: Mapping[str, str]) -> None:
        self._client: Any = session.client("secretsmanager")
        self._access = access
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    async def read(self, secret_id: str) -> str:
        found = await asyncio.to_thread(self._value, secret_id)
        if found is None or found.value is None:
            raise Failure(
                reason="SECRET_NOT_FOUND",
                message=f"The secret {secret_id} does not exist or has no value.",
                kind=Kind.NOT_FOUND,
                actor=Actor.CUSTOMER,
                remedy="Restore it if it was deleted, or apply the environment's infrastructure again.",
                resource_address=secret_id,
            )
        return found.value

    async def find(self, name: str) -> StoredSecret | None:
        return await asyncio.to_thread(self._value, name)

    async def create_once(self, name: str, value: str | None) -> StoredSecret:
        return await asyncio.to_thread(self._create_once, name, value)

    async def put(self, name: str, value: str) -> None:
        def store() -> None:
            self._client.put_secret_value(SecretId=name, SecretString=value)

        await asyncio.to_thread(self._call, store, f"store a value of the secret {name}", name)

    async def schedule_deletion(self, name: str, recovery_days: int) -> str | None:
        def delete() -> str:
            arn = str(self._client.describe_secret(SecretId=name)["ARN"])
            try:
                self._client.delete_secret(SecretId=name, RecoveryWindowInDays=recovery_days)
            except Exception as error:
                if error_code(error) != _BEING_DELETED:
                    raise
            return arn

        return await asyncio.to_thread(self._call, delete, f"delete the secret {name}", name, (_GONE,))

    def _create_once(self, name: str, value: str | None) -> StoredSecret:
        found = self._value(name)
        if found is not None:
            return found
        content = {} if value is None else {"SecretString": value}

        def create() -> StoredSecret:
            made = self._client.create_secret(Name=name, Tags=self._tags, **content)
            return StoredSecret(str(made["ARN"]), value)

        created = self._call(create, f"create the secret {name}", name, (_EXISTS, _BEING_DELETED))
        if created is not None:
            return created
        # Somebody was faster, or it waits for its deletion: what it holds may still be needed, so it comes
        # back.
        self._call(lambda: self._client.restore_secret(SecretId=name), f"restore the secret {name}", name)
        again = self._value(name)
        if again is None:
            raise Failure(
                reason="SECRET_UNAVAILABLE",
                message=f"The secret {name} can neither be created nor read.",
                kind=Kind.UNAVAILABLE,
                retryable=True,
                actor=Actor.NOBODY,
                remedy="It is tried again by itself.",
                resource_address=name,
            )
        return again

    def _value(self, secret_id: str) -> StoredSecret | None:
        """None if it is not there or is being deleted; a secret without a value has the value None."""

        def describe() -> StoredSecret | None:
            known = self._client.describe_secret(SecretId=secret_id)
            if known.get("DeletedDate"):
                return None
            # A value that came, or came back, since it was asked for must not pass for none: it would be replaced.
            return read() if known.get("VersionIdsToStages") else StoredSecret(str(known["ARN"]), None)

        def read() -> StoredSecret:
            got = self._client.get_secret_value(SecretId=secret_id)
            return StoredSecret(str(got["ARN"]), str(got["SecretString"]))

        doing = f"read the secret {secret_id}"
        found = self._call(read, doing, secret_id, (_GONE, _BEING_DELETED))
        return found or self._call(describe, doing, secret_id, (_GONE, _BEING_DELETED))

    def _call(
        self, call: Callable[[], Result], doing: str, secret_id: str, expected: tuple[str, ...] = ()
    ) -> Result | None:
        """What `call` gives, None for an `expected` error code; any other error is a Failure."""
        try:
            return call()
        except Exception as error:
            if error_code(error) in expected:
                return None
            raise aws_failure(error, self._access, doing, secret_id) from error
