"""What was built, and updates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("environments", sa.Column("built_generation", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("environments", sa.Column("built_spec", sa.LargeBinary(), server_default="", nullable=False))
    op.add_column(
        "environments", sa.Column("allow_data_loss", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "environments",
        sa.Column(
            "credentials",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column("operations", sa.Column("details", sa.LargeBinary(), server_default="", nullable=False))
    # What is active was built whole.
    op.execute(
        "update environments set built_generation = generation, built_spec = spec where vector ->> 'course' = 'active'"
    )
