"""The registry's schema."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from libs.eventing import EventTables

METADATA = sa.MetaData()
EVENTS = EventTables.define(METADATA)

_TIME = sa.DateTime(timezone=True)

environments = sa.Table(
    "environments",
    METADATA,
    sa.Column("uid", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("environment_id", sa.Text, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("spec", sa.LargeBinary, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("vector", JSONB, nullable=False),
    sa.Column("outputs", sa.LargeBinary, nullable=False),
    sa.Column("location", sa.LargeBinary, nullable=False),
    sa.Column("failure", sa.LargeBinary, nullable=False),
    sa.Column("kept", JSONB, nullable=False),
    sa.Column("conditions", JSONB, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
    sa.Column("deleted_at", _TIME),
    # The document that was built last, and the generation that it was.
    sa.Column("built_generation", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("built_spec", sa.LargeBinary, nullable=False, server_default=""),
    sa.Column("allow_data_loss", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("remove_state_bucket", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("credentials", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    # The resource as clients read it, so that a read is one row and no work.
    sa.Column("rendered", sa.LargeBinary, nullable=False),
    # When the sweep looks at it next; NULL while no stage's answer is awaited.
    sa.Column("sweep_at", _TIME),
)
# A name is free again once its environment is DELETED.
sa.Index(
    "environments_live_name",
    environments.c.workspace,
    environments.c.environment_id,
    unique=True,
    postgresql_where=environments.c.live,
)
# The newest environment of a name is the live one, when there is one.
sa.Index(
    "environments_name", environments.c.workspace, environments.c.environment_id, environments.c.number
)  # fmt: skip
sa.Index("environments_sweep", environments.c.sweep_at, postgresql_where=environments.c.sweep_at.is_not(None))

operations = sa.Table(
    "operations",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("environment_id", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("requested_cancellation", sa.Boolean, nullable=False),
    sa.Column("error", sa.LargeBinary, nullable=False),
    sa.Column("traceparent", sa.Text, nullable=False),
    sa.Column("resources_done", sa.Integer, nullable=False),
    sa.Column("resources_planned", sa.Integer, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.Column("rendered", sa.LargeBinary, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False, server_default=""),
)
# One mutating operation an environment, whatever the code above believes.
sa.Index(
    "operations_running", operations.c.uid, unique=True, postgresql_where=operations.c.state == "running"
)  # fmt: skip
sa.Index("operations_list", operations.c.workspace, operations.c.number)

request_ids = sa.Table(
    "request_ids",
    METADATA,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _TIME, nullable=False, server_default=sa.text("now()")),
)
sa.Index("request_ids_created_at", request_ids.c.created_at)

external_ids = sa.Table(
    "external_ids",
    METADATA,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("external_id", sa.Text, nullable=False),
)

# Which environment has a cluster of the customer's; it counts while that environment is live.
existing_clusters = sa.Table(
    "existing_clusters",
    METADATA,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("region", sa.Text, primary_key=True),
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False),
)

changes = sa.Table(
    "changes",
    METADATA,
    sa.Column("sequence", sa.BigInteger, sa.Identity(), primary_key=True),
    # The writing transaction. Readers go by (transaction, sequence), below the oldest transaction that still runs:
    # a bare sequence would skip what commits late.
    sa.Column("transaction", sa.BigInteger, nullable=False),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("environment_id", sa.Text, nullable=False),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("environment", sa.LargeBinary, nullable=False),
    sa.Column("operation", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _TIME, nullable=False, server_default=sa.text("now()")),
)
sa.Index("changes_order", changes.c.transaction, changes.c.sequence)
sa.Index("changes_created_at", changes.c.created_at)

change_horizon = sa.Table(
    "change_horizon",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("transaction", sa.BigInteger, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
