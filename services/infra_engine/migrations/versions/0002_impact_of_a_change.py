"""Impact of a change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resource_changes", sa.Column("impact", sa.Text(), server_default="IN_PLACE", nullable=False))
