"""Values of a stack's ephemeral variables: what the customer's Secrets Manager has, else newly made."""

import asyncio
import json
import secrets
import string
from collections.abc import Mapping

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import session_for

# Beta9 puts the password unquoted into its connection string, so letters and digits alone; 32 of 62 are 190 bits.
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 32
_ABSENT = frozenset({"ResourceNotFoundException", "InvalidRequestException"})


async def stack_secrets(access: AwsAccess, wanted: frozenset[str], variables: Mapping[str, object]) -> dict[str, str]:
    """The ephemeral variables that a plan and an apply need. Nothing of it is kept on this side.

    Which secret holds a password is in `variables`; one that is there is used again, so that a run after a crash says
    the same as the run before. Raises Failure.
    """
    names = variables.get("names")
    if "postgres_password" not in wanted or not isinstance(names, Mapping):
        return {}
    found = await asyncio.to_thread(_password, access, str(names["database_secret"]))
    return {"postgres_password": found or "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}


def _password(access: AwsAccess, name: str) -> str | None:
    try:
        client = session_for(access, "infra-engine-secrets").client("secretsmanager")
        text = client.get_secret_value(SecretId=name)["SecretString"]
    except Exception as error:
        # Without a value, or scheduled for deletion: Terraform decides what becomes of it.
        if error_code(error) in _ABSENT:
            return None
        raise aws_failure(error, access, f"read the secret {name}", name) from error
    try:
        return str(json.loads(text)["password"])
    except (ValueError, KeyError, TypeError):
        return None
