"""Accounts of the sandbox: any twelve digits, each with an administrator whose key the admin API gives out."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

ADMINISTRATOR = "sandbox-administrator"
"""IAM user that stands for the person who owns an account; no part of the account's inventory."""

_ACCOUNT_ID = re.compile(r"^\d{12}$")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An administrator's key."""

    account_id: str
    access_key_id: str
    secret_access_key: str


class Accounts:
    """Creates accounts. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, AccessKey] = {}

    def create(self, account_id: str) -> AccessKey:
        """The account's administrator key; made with the first call, the same with every other.

        Raises ValueError when `account_id` is not twelve digits.
        """
        if not _ACCOUNT_ID.match(account_id):
            raise ValueError(f"'{account_id}' is not an AWS account id; give twelve digits")
        with self._lock:
            if account_id not in self._keys:
                self._keys[account_id] = self._make(account_id)
            return self._keys[account_id]

    def list(self) -> tuple[str, ...]:
        """Ids of the accounts that were created here."""
        return tuple(sorted(self._keys))

    @staticmethod
    def _make(account_id: str) -> AccessKey:
        from moto.iam.models import iam_backends

        backend = iam_backends[account_id]["aws"]
        backend.create_user(region_name="us-east-1", user_name=ADMINISTRATOR)
        backend.attach_user_policy("arn:aws:iam::aws:policy/AdministratorAccess", ADMINISTRATOR)
        key = backend.create_access_key(ADMINISTRATOR)
        return AccessKey(account_id, key.access_key_id, key.secret_access_key)
