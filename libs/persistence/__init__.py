"""Postgres for the services: engines, transactions, and `migrations`, whose alembic only the job of them loads.

The one place that knows how a database is reached.
"""

from libs.persistence.database import Database, is_transient

__all__ = ["Database", "is_transient"]
