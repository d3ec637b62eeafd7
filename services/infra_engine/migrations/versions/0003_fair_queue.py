"""Fair queue, and retries of a step."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("account", sa.Text(), server_default="", nullable=False))
    op.add_column("attempts", sa.Column("waiting_for", sa.Text(), server_default="", nullable=False))
    op.add_column("attempt_steps", sa.Column("retries", sa.Integer(), server_default="0", nullable=False))
    # What is open is queued by its account from now on.
    op.execute(
        "update attempts set account = coalesce(request::jsonb -> 'access' ->> 'accountId', '')"
        " where state in ('REQUESTED', 'RUNNING')"
    )
