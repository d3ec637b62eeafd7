"""What a few strings must look like before anything is built of them.

Strings travel as variables and are never code. These few are also put into the text of IAM policies by Terraform, where
a quote would be taken for the policy's own; whoever checks documents refuses them long before.
"""

import re
from collections.abc import Iterator

from services.infra_engine.stacks.stack_input import StackInput

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}")
_CLUSTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")


class UnusableValue(ValueError):
    """A value that cannot be built from; says what it should be."""


def check_values(stack_input: StackInput) -> None:
    """Raises `UnusableValue` at the first value that is not of its form."""
    for what, value, form, remedy in _values(stack_input):
        if value is not None and not form.fullmatch(value):
            raise UnusableValue(f"The {what} {value[:80]!r} cannot be used: {remedy}.")


def _values(given: StackInput) -> Iterator[tuple[str, str | None, re.Pattern[str], str]]:
    yield "account id", given.account.account_id, _ACCOUNT, "give the twelve digits of an AWS account"
    yield "region", given.account.region, _REGION, "give a region's id such as us-east-1"
    yield "KMS key", given.kms_key_arn, _KEY, "give the ARN of a key, not of an alias"
    yield "cluster name", given.cluster.existing_name, _CLUSTER, "give the name that EKS shows for the cluster"
    yield "Postgres version", given.postgres.version, _VERSION, "give a major version such as 17"
    yield "cache version", given.redis.version, _VERSION, "give a version such as 8.0"


def partition(region: str) -> str:
    """The partition of a region, which begins every ARN."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
