"""How states are reached, versions made by hand, heartbeats of leases, and the audit of what is done by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BACKEND = ("account_id", "role_arn", "external_id", "kms_key_arn", "dynamodb_table")
_VERSION = ("author", "reason")


def upgrade() -> None:
    for name in _BACKEND:
        op.add_column("state_backends", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("state_backends", sa.Column("kind", sa.Text(), server_default="S3", nullable=False))
    op.add_column("state_backends", sa.Column("retention_days", sa.Integer(), server_default="180", nullable=False))
    # What was asked for by then tells the access.
    op.execute(
        "update state_backends b set account_id = coalesce(a.access ->> 'accountId', ''),"
        " role_arn = coalesce(a.access ->> 'roleArn', ''), external_id = coalesce(a.access ->> 'externalId', '')"
        " from (select distinct on (uid) uid, request::jsonb -> 'access' as access from attempts"
        " where stage = 'state_backend' order by uid, created_at desc) a where a.uid = b.uid"
    )
    for name in _VERSION:
        op.add_column("state_versions", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("state_versions", sa.Column("restored", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "leases",
        sa.Column("renewed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_table(
        "audit_records",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["uid"], ["state_backends.uid"]),
        sa.PrimaryKeyConstraint("uid", "id"),
    )
