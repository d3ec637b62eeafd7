"""Postgres on RDS: subnet group, parameter group, log groups and the instance.

Private, encrypted, TLS alone, backed up, and by the document with a standby in a second zone, storage that grows,
windows and deletion protection. Its logs go to CloudWatch, into groups that are there before it. Beta9's first
migration makes the extension uuid-ossp, which the master user of RDS may. Performance Insights is left out: the small
classes have none, and AWS is taking it out of service.

The database's final snapshot is named by the environment's uid, which no other environment ever has, and by the
customer's key: of what a document says the key alone forces a replacement (AWS keeps engine, database's name, user and
encryption of an instance for its life, and the stack never changes those), and both databases leave a snapshot.
"""

from typing import Any

from services.infra_engine.stacks.aws.database_secret import PASSWORD, USERNAME, build_database_secret
from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.logs import build_log_group
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.bindings import Resource, aws, create

DATABASE = "beta9"
PORT = 5432
_LOGS = ("postgresql", "upgrade")

db_instance = aws("db_instance")
parameter_group = aws("db_parameter_group")
subnet_group = aws("db_subnet_group")


def build_postgres(stack: Any, inputs: Inputs, network: Network, group: Resource, encryption: Encryption) -> Resource:
    """Waits for nothing of the cluster."""
    version = build_database_secret(stack, inputs, encryption)
    subnets = create(
        stack,
        subnet_group.DbSubnetGroup,
        "database_subnets",
        name=inputs.name("database"),
        subnet_ids=network.private_subnet_ids,
    )
    logs = [
        build_log_group(
            stack, inputs, encryption, f"database_logs_{kind}", f"/aws/rds/instance/{inputs.name('database')}/{kind}"
        )
        for kind in _LOGS
    ]
    return create(
        stack,
        db_instance.DbInstance,
        "database",
        identifier=inputs.name("database"),
        engine="postgres",
        engine_version=inputs.text("postgres_version"),
        instance_class=inputs.text("postgres_instance_class"),
        allocated_storage=inputs.number("postgres_storage_gb"),
        max_allocated_storage=inputs.number("postgres_max_storage_gb"),
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=encryption.lasting_key_arn,
        db_name=DATABASE,
        username=USERNAME,
        password_wo=inputs.text(PASSWORD),
        password_wo_version=inputs.number("postgres_password_version"),
        port=PORT,
        multi_az=inputs.flag("postgres_multi_az"),
        publicly_accessible=False,
        db_subnet_group_name=subnets.ref("name"),
        vpc_security_group_ids=[group.ref("id")],
        parameter_group_name=_parameters(stack, inputs).ref("name"),
        backup_retention_period=inputs.number("postgres_backup_retention_days"),
        backup_window=inputs.text("postgres_backup_window"),
        maintenance_window=inputs.text("postgres_maintenance_window"),
        copy_tags_to_snapshot=True,
        auto_minor_version_upgrade=True,
        # The document's version rises one or more majors at once.
        allow_major_version_upgrade=True,
        apply_immediately=True,
        enabled_cloudwatch_logs_exports=list(_LOGS),
        deletion_protection=inputs.flag("postgres_deletion_protection"),
        skip_final_snapshot=inputs.flag("postgres_skip_final_snapshot"),
        final_snapshot_identifier=inputs.name("final_snapshot"),
        depends_on=[version, *logs],
    )


def _parameters(stack: Any, inputs: Inputs) -> Resource:
    return create(
        stack,
        parameter_group.DbParameterGroup,
        "database_parameters",
        name=inputs.name("database_parameters"),
        family=inputs.text("postgres_family"),
        parameter=[
            parameter_group.DbParameterGroupParameter(name="rds.force_ssl", value="1", apply_method="pending-reboot")
        ],
        # A new family means a new group, which must be there before the old one can go.
        lifecycle={"create_before_destroy": True},
    )
