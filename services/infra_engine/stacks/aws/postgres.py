"""Postgres on RDS and the secret that holds its password.

The engine generates the password and hands it to Terraform as an ephemeral variable, so neither plan nor state has
it. What makes it right after a crash at any point is the order of two things:

1. before every plan and apply the engine reads the secret by its name; what is there is used again, and only
   where nothing is there a new password is generated;
2. the instance depends on the secret's version, so it is created only when the password is readable.

Crash before the version exists: there is no instance, and another password harms nobody. Crash after: the next run
reads the same password, whatever the state remembers, and whoever adopts an instance that the state lost finds its
password in the secret. An ephemeral random password of the provider's own would be drawn anew whenever the state has
lost the version, while the instance keeps the old one.
"""

import json
from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.network import Network
from services.infra_engine.stacks.bindings import Resource, aws, create

DATABASE = "beta9"
USERNAME = "beta9"
PORT = 5432
PASSWORD = "postgres_password"

db_instance = aws("db_instance")
parameter_group = aws("db_parameter_group")
subnet_group = aws("db_subnet_group")
secret = aws("secretsmanager_secret")
secret_version = aws("secretsmanager_secret_version")


@dataclass(frozen=True)
class Postgres:
    """`secret` holds `{"username": ..., "password": ...}`, the form of the secrets that RDS makes itself."""

    instance: Resource
    secret: Resource


def build_postgres(stack: Any, inputs: Inputs, network: Network, group: Resource) -> Postgres:
    """Encrypted, private, TLS only; waits for nothing of the cluster."""
    stored, version = build_secret(stack, inputs)
    subnets = create(
        stack,
        subnet_group.DbSubnetGroup,
        "database_subnets",
        name=inputs.name("database"),
        subnet_ids=network.private_subnet_ids,
    )
    parameters = create(
        stack,
        parameter_group.DbParameterGroup,
        "database_parameters",
        name=inputs.name("database"),
        family=inputs.text("postgres_family"),
        parameter=[
            parameter_group.DbParameterGroupParameter(name="rds.force_ssl", value="1", apply_method="pending-reboot")
        ],
        # A new family means a new group, which must be there before the old one can go.
        lifecycle={"create_before_destroy": True},
    )
    instance = create(
        stack,
        db_instance.DbInstance,
        "database",
        identifier=inputs.name("database"),
        engine="postgres",
        engine_version=inputs.text("postgres_version"),
        instance_class=inputs.text("postgres_instance_class"),
        allocated_storage=inputs.number("postgres_storage_gb"),
        storage_type="gp3",
        storage_encrypted=True,
        db_name=DATABASE,
        username=USERNAME,
        password_wo=inputs.text(PASSWORD),
        password_wo_version=inputs.number("postgres_password_version"),
        port=PORT,
        multi_az=inputs.flag("postgres_multi_az"),
        publicly_accessible=False,
        db_subnet_group_name=subnets.ref("name"),
        vpc_security_group_ids=[group.ref("id")],
        parameter_group_name=parameters.ref("name"),
        backup_retention_period=inputs.number("postgres_backup_retention_days"),
        copy_tags_to_snapshot=True,
        auto_minor_version_upgrade=True,
        apply_immediately=True,
        skip_final_snapshot=inputs.flag("postgres_skip_final_snapshot"),
        final_snapshot_identifier=inputs.name("final_snapshot"),
        depends_on=[version],
    )
    return Postgres(instance, stored)


def build_secret(stack: Any, inputs: Inputs) -> tuple[Resource, Resource]:
    """The secret and its version, which the instance waits for."""
    stored = create(
        stack,
        secret.SecretsmanagerSecret,
        "database_secret",
        name=inputs.name("database_secret"),
        description="Master user of the environment's Postgres",
        # A name pending deletion could not be used by a new create.
        recovery_window_in_days=0,
    )
    version = create(
        stack,
        secret_version.SecretsmanagerSecretVersion,
        "database_secret_value",
        secret_id=stored.ref("id"),
        secret_string_wo=json.dumps({"username": USERNAME, "password": inputs.text(PASSWORD)}),
        secret_string_wo_version=inputs.number("postgres_password_version"),
    )
    return stored, version
