"""Log groups encrypted with a customer's key.

AWS: CreateLogGroup and AssociateKmsKey are refused unless the key's policy lets CloudWatch Logs of the region
use it for that group.
moto: takes any key, and knows neither AssociateKmsKey nor DisassociateKmsKey.
"""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

from libs.sandbox.aws.failures import AwsFailure
from libs.sandbox.aws.kms.permits import permits_service

_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")


def mend() -> None:
    """Check the key before a group has it."""
    original = LogsBackend.create_log_group

    def create(self: LogsBackend, log_group_name: str, tags: dict[str, str], **given: Any) -> LogGroup:
        if (key := given.get("kmsKeyId")) and log_group_name not in self.groups:
            _check(self, log_group_name, key)
        return original(self, log_group_name, tags, **given)

    LogsBackend.create_log_group = create  # type: ignore[method-assign]
    LogsResponse.associate_kms_key = _associate  # type: ignore[attr-defined]
    LogsResponse.disassociate_kms_key = _disassociate  # type: ignore[attr-defined]


def _check(backend: LogsBackend, name: str, key: str) -> None:
    arn = f"arn:{backend.partition}:logs:{backend.region_name}:{backend.account_id}:log-group:{name}"
    context = {"kms:EncryptionContext:aws:logs:arn": arn, "aws:SourceAccount": backend.account_id, "aws:SourceArn": arn}
    services = (f"logs.{backend.region_name}.amazonaws.com", "logs.amazonaws.com")
    if not permits_service(key, services, _ACTIONS, context):
        raise AwsFailure(
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}'",
        )


def _group(response: LogsResponse) -> LogGroup:
    name = str(response._get_param("logGroupName") or response._get_param("resourceIdentifier"))
    group = response.logs_backend.groups.get(name.removesuffix(":*").rsplit(":log-group:", 1)[-1])
    if group is None:
        raise AwsFailure("ResourceNotFoundException", "The specified log group does not exist")
    return group


def _associate(self: LogsResponse) -> str:
    group, key = _group(self), str(self._get_param("kmsKeyId"))
    _check(self.logs_backend, group.name, key)
    group.kms_key_id = key
    return ""


def _disassociate(self: LogsResponse) -> str:
    _group(self).kms_key_id = None
    return ""
