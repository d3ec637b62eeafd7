"""Parameter groups.

AWS: parameters that the owner set are described with the source `user`; a group in use cannot be deleted;
ResetDBParameterGroup takes values back.
moto: describes them without a source, so that the provider sees none and sets them again with every plan.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError, RDSClientError
from moto.rds.models import DBParameterGroup, RDSBackend
from moto.rds.responses import RDSResponse

_STATIC = frozenset(
    {"max_connections", "shared_buffers", "shared_preload_libraries", "wal_buffers", "max_wal_senders", "huge_pages"}
)
"""Parameters that take effect with a reboot alone."""


def mend() -> None:
    """Describe with a source, refuse to delete what is used, and reset."""
    original = DBParameterGroup.update_parameters

    def update(self: DBParameterGroup, new_parameters: Any) -> None:
        new_parameters = list(new_parameters)
        for parameter in new_parameters:
            name = parameter["ParameterName"]
            static = name in _STATIC
            if static and parameter.get("ApplyMethod") == "immediate":
                raise RDSClientError(
                    "InvalidParameterCombination",
                    f"cannot use immediate apply method for static parameter {name}",
                )
            parameter.setdefault("ApplyMethod", "pending-reboot" if static else "immediate")
            parameter.update({"Source": "user", "IsModifiable": True, "ApplyType": "static" if static else "dynamic"})
        original(self, new_parameters)

    DBParameterGroup.update_parameters = update  # type: ignore[method-assign]
    RDSResponse.describe_db_parameters = _describe  # type: ignore[method-assign]
    RDSResponse.reset_db_parameter_group = _reset  # type: ignore[attr-defined]
    _mend_delete()


def _group(self: RDSResponse) -> DBParameterGroup:
    name = self.params.get("DBParameterGroupName")
    if name not in self.backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    return self.backend.db_parameter_groups[name]


def _describe(self: RDSResponse) -> ActionResult:
    source = self.params.get("Source")
    parameters = list(_group(self).parameters.values()) if source in (None, "user") else []
    return ActionResult({"Parameters": parameters})


def _reset(self: RDSResponse) -> ActionResult:
    group = _group(self)
    if self.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in self.params.get("Parameters", []):
        group.parameters.pop(parameter["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": group.name})


def _mend_delete() -> None:
    original = RDSBackend.delete_db_parameter_group

    def delete(self: RDSBackend, db_parameter_group_name: str) -> DBParameterGroup:
        if any(database.db_parameter_group_name == db_parameter_group_name for database in self.databases.values()):
            raise RDSClientError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group, "
                "so the group cannot be deleted",
            )
        return original(self, db_parameter_group_name)

    RDSBackend.delete_db_parameter_group = delete  # type: ignore[method-assign]
