"""The KMS keys of databases.

AWS: a key by id, ARN or alias becomes its ARN; none given is the account's `aws/rds`; one that is not there or not
enabled is refused. moto: keeps whatever was given.
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import kms_backends
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend


def arn(backend: RDSBackend, key: str) -> str:
    """ARN of a key that the account has in the region."""
    kms: Any = kms_backends[backend.account_id][backend.region_name]
    try:
        found = kms.describe_key(key if key.startswith("alias/") else key.rsplit("/", 1)[-1])
    except Exception as error:
        raise _failure(key, "does not exist, is not enabled or you do not have permissions to access it") from error
    if found.key_state != "Enabled":
        raise _failure(key, f"is {found.key_state}")
    result: str = found.arn
    return result


def _failure(key: str, why: str) -> RDSClientError:
    return RDSClientError("KMSKeyNotAccessibleFault", f"The specified KMS key [{key}] {why}.")
