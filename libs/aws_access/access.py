"""The four facts that give access to a customer's account."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ROLE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/[\w+=,.@/-]{1,512}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")


@dataclass(frozen=True)
class AwsAccess:
    """A role in one account and one region, and the external id that its trust policy demands.

    Raises ValueError for a value that AWS could never accept, so that it is refused before any call. None of
    the four is a secret: the external id guards against a confused deputy and is not a credential.
    """

    account_id: str
    region: str
    role_arn: str
    external_id: str

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account_id):
            raise ValueError(f"account_id {self.account_id!r} is not a 12-digit AWS account number")
        if not _REGION.fullmatch(self.region):
            raise ValueError(f"region {self.region!r} is not an AWS region's code")
        role = _ROLE.fullmatch(self.role_arn)
        if role is None:
            raise ValueError(f"role_arn {self.role_arn!r} is not the ARN of an IAM role")
        if role.group(2) != self.account_id:
            raise ValueError(f"role_arn {self.role_arn!r} is not in account {self.account_id}")
        if not _EXTERNAL_ID.fullmatch(self.external_id):
            raise ValueError("external_id must be 2 to 1224 letters, digits or +=,.@:/-_")

    @property
    def partition(self) -> str:
        """The AWS partition (`aws`, `aws-cn`, `aws-us-gov`) that the role is in."""
        return self.role_arn.split(":", 2)[1]
