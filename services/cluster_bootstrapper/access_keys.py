"""`AccessKeys` on IAM. The SDK comes in with the session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from services.cluster_bootstrapper.ports import AccessKey

if TYPE_CHECKING:
    import boto3


_GONE = "NoSuchEntity"


class IamAccessKeys:
    """See `ports.AccessKeys`."""

    def __init__(self, session: boto3.Session, access: AwsAccess) -> None:
        self._client: Any = session.client("iam")
        self._access = access

    async def create(self, user: str) -> AccessKey:
        return await asyncio.to_thread(self._create, user)

    async def remove_except(self, user: str, kept: Callable[[str], bool]) -> list[str]:
        return await asyncio.to_thread(self._remove_except, user, kept)

    def _create(self, user: str) -> AccessKey:
        try:
            made = self._client.create_access_key(UserName=user)["AccessKey"]
        except Exception as error:
            raise self._failure(error, "create", user) from error
        return AccessKey(str(made["AccessKeyId"]), str(made["SecretAccessKey"]))

    def _remove_except(self, user: str, kept: Callable[[str], bool]) -> list[str]:
        try:
            # A user has two keys at most, so there is one page.
            known = [str(key["AccessKeyId"]) for key in self._listed(user)]
            return [one for one in known if not kept(one) and self._deleted(user, one)]
        except Exception as error:
            raise self._failure(error, "remove", user) from error

    def _listed(self, user: str) -> Any:
        try:
            return self._client.list_access_keys(UserName=user)["AccessKeyMetadata"]
        except Exception as error:
            if error_code(error) == _GONE:
                return []
            raise

    def _deleted(self, user: str, identity: str) -> bool:
        """False if it was gone before."""
        try:
            self._client.delete_access_key(UserName=user, AccessKeyId=identity)
        except Exception as error:
            if error_code(error) == _GONE:
                return False
            raise
        return True

    def _failure(self, error: Exception, verb: str, user: str) -> Exception:
        return aws_failure(error, self._access, f"{verb} access keys of the user {user}", f"iam-user/{user}")
