"""Log groups: encrypted, and kept as long as the document says.

AWS would make those of its services by itself, without retention or key, and leave them behind.
"""

from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource, aws, create

log_group = aws("cloudwatch_log_group")


def build_log_group(stack: Any, inputs: Inputs, encryption: Encryption, label: str, name: str) -> Resource:
    """A log group; whatever writes to it depends on it."""
    return create(
        stack,
        log_group.CloudwatchLogGroup,
        label,
        name=name,
        retention_in_days=inputs.number("log_retention_days"),
        kms_key_id=encryption.key_arn,
    )
