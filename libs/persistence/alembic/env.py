"""Alembic's environment: runs on the connection that `libs.persistence.migrations` hands over, in its transaction."""

from alembic import context

config = context.config

context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes["metadata"],
    compare_type=True,
)
context.run_migrations()
