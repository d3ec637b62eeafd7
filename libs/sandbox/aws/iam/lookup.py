"""Whether an IAM principal exists, asked by services that take one."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.iam.models import Role, iam_backends


def role(arn: str) -> Role | None:
    """The role of an ARN in any account, or None."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("role/"):
        return None
    for found in iam_backends[parts[4]]["aws"].roles.values():
        if found.arn == arn:
            return found
    return None


def check_role(arn: str, failure: type[ServiceException]) -> None:
    """Raise `failure` in EKS' words unless the role exists."""
    if not arn or role(arn) is None:
        raise failure(
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
        )


def check_principal(arn: str, failure: type[ServiceException]) -> None:
    """Raise `failure` in EKS' words unless the role that gets an access entry exists."""
    if role(arn) is None:
        raise failure(f"The specified principalArn is invalid: invalid principal. {arn}")
