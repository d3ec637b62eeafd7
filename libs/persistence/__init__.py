"""Postgres for the services: engines, transactions, and `migrations`, whose alembic only the job of them loads.

The one place that knows how a database is reached.
"""

from libs.persistence.database import Database, is_transient
from libs.persistence.serial_row import SerialRow, insert_once

__all__ = ["Database", "SerialRow", "insert_once", "is_transient"]
