"""This service's tables."""

import sqlalchemy as sa

from libs.stages import StageTables

METADATA = sa.MetaData()
STAGE_TABLES = StageTables.define(METADATA)

_NOW = sa.text("now()")
_MOMENT = sa.DateTime(timezone=True)

STATE_BACKENDS = sa.Table(
    "state_backends",
    METADATA,
    sa.Column("uid", sa.Text, primary_key=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("bucket", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    # What keeps it, and how its account is entered outside a hand-over; none of it is a secret.
    sa.Column("kind", sa.Text, nullable=False, server_default="S3"),
    sa.Column("account_id", sa.Text, nullable=False, server_default=""),
    sa.Column("role_arn", sa.Text, nullable=False, server_default=""),
    sa.Column("external_id", sa.Text, nullable=False, server_default=""),
    sa.Column("kms_key_arn", sa.Text, nullable=False, server_default=""),
    sa.Column("dynamodb_table", sa.Text, nullable=False, server_default=""),
    sa.Column("retention_days", sa.Integer, nullable=False, server_default="180"),
    sa.Column("released_at", _MOMENT),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.Index("state_backends_by_workspace", "workspace", "uid"),
)

STATE_VERSIONS = sa.Table(
    "state_versions",
    METADATA,
    sa.Column("uid", sa.Text, sa.ForeignKey("state_backends.uid"), primary_key=True),
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("lineage", sa.Text, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("object_version", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("resources", sa.Integer, nullable=False),
    # Of a version that a person made: who, why, and the id of the version whose content it is.
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("restored", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    # What was shipped twice, because the answer was lost, is recorded once.
    sa.UniqueConstraint("uid", "lineage", "serial", "sha256", "object_version", name="state_versions_shipped"),
)

LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    # Rises with every change of holder and is never reset: the row outlives its leases.
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("acquired_at", _MOMENT, nullable=False, server_default=_NOW),
    sa.Column("expires_at", _MOMENT, nullable=False),
    sa.Column("renewed_at", _MOMENT, nullable=False, server_default=_NOW),
)

AUDIT_RECORDS = sa.Table(
    "audit_records",
    METADATA,
    sa.Column("uid", sa.Text, sa.ForeignKey("state_backends.uid"), primary_key=True),
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
)
