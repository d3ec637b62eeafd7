"""The secret that holds the password of Postgres's master user.

The engine generates the password and hands it to Terraform as an ephemeral variable, so neither plan nor state has
it. What makes it right after a crash at any point is the order of two things:

1. before every plan and apply the engine reads the secret by its name; what is there is used again, and only
   where nothing is there, or its version is lower than wished, a new password is generated;
2. the instance depends on the secret's version, so it is created only when the password is readable.

Crash before the version exists: there is no instance, and another password harms nobody. Crash after: the next run
reads the same password, whatever the state remembers, and whoever adopts an instance that the state lost finds its
password in the secret. An ephemeral random password of the provider's own would be drawn anew whenever the state has
lost the version, while the instance keeps the old one.
"""

import json
from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource, aws, create

USERNAME = "beta9"
PASSWORD = "postgres_password"
"""The variable that holds it."""

secret = aws("secretsmanager_secret")
secret_version = aws("secretsmanager_secret_version")


def build_database_secret(stack: Any, inputs: Inputs, encryption: Encryption) -> Resource:
    """The secret's version, which the instance waits for.

    It holds `{"username": ..., "password": ..., "version": 1}`, the form of the secrets that RDS makes itself and the
    number of the password.

    A new password replaces the version, the old one first: AWS keeps the label of the current version until another
    has it, so the secret is readable all the while. The other way round a run that ended in between would leave an old
    version to delete whose labels have moved on by then, which the provider takes for an error.
    """
    stored = build_secret(stack, inputs, encryption, "database_secret", "Master user of the environment's Postgres")
    text = json.dumps({"username": USERNAME, "password": inputs.text(PASSWORD)})
    return create(
        stack,
        secret_version.SecretsmanagerSecretVersion,
        "database_secret_value",
        secret_id=stored.ref("id"),
        secret_string_wo=f'{text[:-1]}, "version": {inputs.text("postgres_password_version")}}}',
        secret_string_wo_version=inputs.number("postgres_password_version"),
    )


def build_secret(stack: Any, inputs: Inputs, encryption: Encryption, label: str, description: str) -> Resource:
    """An encrypted secret without a value; `label` is its name's key too."""
    return create(
        stack,
        secret.SecretsmanagerSecret,
        label,
        name=inputs.name(label),
        description=description,
        kms_key_id=encryption.key_arn,
        # A name pending deletion could not be used by a new create.
        recovery_window_in_days=0,
    )
