"""The attempts' tables, in a stage service's own schema."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from libs.eventing import EventTables


@dataclass(frozen=True, slots=True)
class StageTables:
    """Tables that a stage service adds to its MetaData with `StageTables.define(metadata)`."""

    attempts: sa.Table
    steps: sa.Table
    logs: sa.Table
    events: EventTables

    @classmethod
    def define(cls, metadata: sa.MetaData) -> "StageTables":
        now = sa.text("now()")
        moment = sa.DateTime(timezone=True)
        attempts = sa.Table(
            "attempts",
            metadata,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("workspace", sa.Text, nullable=False),
            sa.Column("environment", sa.Text, nullable=False),
            sa.Column("uid", sa.Text, nullable=False),
            sa.Column("operation", sa.Text, nullable=False),
            sa.Column("stage", sa.Text, nullable=False),
            sa.Column("number", sa.Integer, nullable=False),
            sa.Column("request_type", sa.Text, nullable=False),
            sa.Column("request", sa.Text, nullable=False),
            sa.Column("state", sa.Text, nullable=False),
            sa.Column("step", sa.Text, nullable=False, server_default=""),
            sa.Column("data", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
            # What was answered so far, as [type, JSON] pairs: asked again, the same is said again.
            sa.Column("answers", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
            sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
            sa.Column("holder", sa.Text, nullable=False, server_default=""),
            sa.Column("stop_reason", sa.Text, nullable=False, server_default=""),
            sa.Column("failure", JSONB),
            sa.Column("traceparent", sa.Text, nullable=False, server_default=""),
            # The AWS account that the request enters; empty for a request that enters none.
            sa.Column("account", sa.Text, nullable=False, server_default=""),
            # Why it is not worked on, as far as a worker knows.
            sa.Column("waiting_for", sa.Text, nullable=False, server_default=""),
            sa.Column("created_at", moment, nullable=False, server_default=now),
            sa.Column("started_at", moment),
            sa.Column("heartbeat_at", moment),
            sa.Column("ended_at", moment),
            sa.UniqueConstraint("uid", "operation", "stage", "number", name="attempts_hand_over"),
        )
        sa.Index(
            "attempts_open",
            attempts.c.created_at,
            postgresql_where=attempts.c.state.in_(["REQUESTED", "RUNNING"]),
        )
        sa.Index("attempts_by_workspace", attempts.c.workspace, attempts.c.created_at)
        steps = sa.Table(
            "attempt_steps",
            metadata,
            sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.id"), primary_key=True),
            sa.Column("step", sa.Text, primary_key=True),
            sa.Column("started_at", moment, nullable=False, server_default=now),
            sa.Column("ended_at", moment),
            # How often it has failed and was tried again by itself.
            sa.Column("retries", sa.Integer, nullable=False, server_default="0"),
        )
        logs = sa.Table(
            "log_chunks",
            metadata,
            sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
            sa.Column("uid", sa.Text, nullable=False),
            sa.Column("attempt_id", sa.Text, nullable=False),
            sa.Column("step", sa.Text, nullable=False),
            # [seconds since the epoch, text] pairs.
            sa.Column("lines", JSONB, nullable=False),
            sa.Column("created_at", moment, nullable=False, server_default=now),
        )
        sa.Index("log_chunks_by_environment", logs.c.uid, logs.c.id)
        return cls(attempts, steps, logs, EventTables.define(metadata))
