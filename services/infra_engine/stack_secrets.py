"""Values of a stack's ephemeral variables: what the customer's Secrets Manager has, else newly made."""

import asyncio
from collections.abc import Mapping

from libs.aws_access import AwsAccess
from services.infra_engine.stored_secrets import new_secret, read_secret, version_of

# 190 bits.
_LENGTH = 32


async def stack_secrets(access: AwsAccess, wanted: frozenset[str], variables: Mapping[str, object]) -> dict[str, str]:
    """The ephemeral variables that a plan and an apply need. Nothing of it is kept on this side.

    Which secret holds a password, and which version of it is wished, is in `variables`; one that is there and as new is
    used again, so that a run after a crash says the same as the run before. Raises Failure.
    """
    names = variables.get("names")
    if "postgres_password" not in wanted or not isinstance(names, Mapping):
        return {}
    wished = variables.get("postgres_password_version", 1)
    found = await asyncio.to_thread(read_secret, access, str(names["database_secret"]))
    password = found.get("password")
    if isinstance(password, str) and isinstance(wished, int) and version_of(found) >= wished:
        return {"postgres_password": password}
    return {"postgres_password": new_secret(_LENGTH)}
