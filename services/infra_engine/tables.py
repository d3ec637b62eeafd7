"""This service's tables."""

import sqlalchemy as sa

from libs.stages import StageTables

METADATA = sa.MetaData()
STAGE_TABLES = StageTables.define(METADATA)

_MOMENT = sa.DateTime(timezone=True)

RESOURCE_CHANGES = sa.Table(
    "resource_changes",
    METADATA,
    sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.id"), primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    # In the order of the plan; also the last segment of the change's resource name.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("intent", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("resource_id", sa.Text, nullable=False, server_default=""),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("started_at", _MOMENT),
    sa.Column("ended_at", _MOMENT),
    sa.Column("impact", sa.Text, nullable=False, server_default="IN_PLACE"),
    sa.UniqueConstraint("attempt_id", "number", name="resource_changes_number"),
)
