"""Postgres for the services: engines, transactions, migrations. The one place that knows how a database is reached."""

from libs.persistence.database import Database, is_transient
from libs.persistence.migrations import migrate, migration_drift, write_revision

__all__ = ["Database", "is_transient", "migrate", "migration_drift", "write_revision"]
