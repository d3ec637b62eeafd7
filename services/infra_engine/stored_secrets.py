"""Secrets as the customer's Secrets Manager holds them: JSON with a `version` beside the value."""

import json
import secrets
import string
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import session_for

SESSION = "infra-engine-secrets"
# Beta9 puts secrets unquoted into connection strings, so letters and digits alone.
_ALPHABET = string.ascii_letters + string.digits
_ABSENT = frozenset({"ResourceNotFoundException", "InvalidRequestException"})


def new_secret(length: int) -> str:
    """Random letters and digits, 5.9 bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def read_secret(access: AwsAccess, name: str) -> dict[str, Any]:
    """What a secret holds; empty when it is not there, has no value, or another form. Blocking. Raises Failure."""
    try:
        text = session_for(access, SESSION).client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except Exception as error:
        # Without a value, or scheduled for deletion: Terraform decides what becomes of it.
        if error_code(error) in _ABSENT:
            return {}
        raise aws_failure(error, access, f"read the secret {name}", name) from error
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write_secret(access: AwsAccess, name: str, content: dict[str, Any]) -> None:
    """A new version of a secret that is there. Blocking. Raises Failure."""
    try:
        client = session_for(access, SESSION).client("secretsmanager")
        client.put_secret_value(SecretId=name, SecretString=json.dumps(content))
    except Exception as error:
        raise aws_failure(error, access, f"write the secret {name}", name) from error


def version_of(content: dict[str, Any]) -> int:
    """The version of what a secret holds; what was written before there were versions is the first."""
    version = content.get("version", 1)
    return version if isinstance(version, int) else 1
