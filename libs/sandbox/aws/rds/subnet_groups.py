"""Subnet groups.

AWS: a group that an instance uses cannot be deleted.
moto: deletes it.
"""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend


def mend() -> None:
    """Refuse to delete what is used."""
    original = RDSBackend.delete_subnet_group

    def delete(self: Any, subnet_name: str) -> Any:
        for database in self.databases.values():
            group = getattr(database, "db_subnet_group", None)
            if group is not None and group.name == subnet_name:
                raise RDSClientError(
                    "InvalidDBSubnetGroupStateFault",
                    f"Cannot delete the subnet group '{subnet_name}' because at least one database instance: "
                    f"{database.db_instance_identifier} is still using it.",
                )
        return original(self, subnet_name)

    RDSBackend.delete_subnet_group = delete  # type: ignore[method-assign]
