"""The final snapshot.

AWS: a delete either skips it or names it, never both nor neither; a name that is taken refuses the delete.
moto: takes the lot.
"""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import DBSnapshotAlreadyExistsError, InvalidParameterCombination
from moto.rds.models import RDSBackend


def check_final(backend: RDSBackend, database: Any, asked: dict[str, Any]) -> None:
    """Refuse a delete that says neither or both. A cluster's member has no final snapshot of its own."""
    name, skip = asked.get("final_db_snapshot_identifier"), asked.get("skip_final_snapshot")
    if database.deletion_protection or database.db_cluster_identifier is not None:
        return
    if skip and name:
        raise InvalidParameterCombination(
            "FinalDBSnapshotIdentifier can not be specified when deleting an instance with SkipFinalSnapshot."
        )
    if not skip and not name:
        raise InvalidParameterCombination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        )
    if name and name.lower() in backend.database_snapshots:
        raise DBSnapshotAlreadyExistsError(name)
