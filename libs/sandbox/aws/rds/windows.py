"""Backup and maintenance windows.

AWS: what is not given is picked in the region's night, so that the two never overlap; one that overlaps is refused.
moto: has one pair for all, and refuses a given window that overlaps the other's default.
"""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.utils import valid_preferred_maintenance_window

_BACKUP = ("03:24-03:54", "07:12-07:42", "10:48-11:18")
_MAINTENANCE = ("sun:05:14-sun:05:44", "wed:08:38-wed:09:08", "fri:12:02-fri:12:32")


def choose(values: dict[str, Any]) -> None:
    """Fill in the windows that a create did not give."""
    backup, maintenance = values.get("preferred_backup_window"), values.get("preferred_maintenance_window")
    for one in (backup,) if backup else _BACKUP:
        for other in (maintenance,) if maintenance else _MAINTENANCE:
            if not valid_preferred_maintenance_window(other.lower(), one):
                values["preferred_backup_window"], values["preferred_maintenance_window"] = one, other.lower()
                return
    raise RDSClientError(
        "InvalidParameterValue",
        f"The backup window {backup} and the maintenance window {maintenance} are not valid or overlap.",
    )
