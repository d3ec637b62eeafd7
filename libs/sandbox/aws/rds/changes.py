"""What a change of an instance may be.

AWS: versions go up alone, a major one with AllowMajorVersionUpgrade and a parameter group of its family; storage
grows alone; classes must be sold; default parameter and option groups follow the version.
moto: writes every value as it is given.
"""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, RDSClientError
from moto.rds.models import RDSBackend

from libs.sandbox.aws.rds import offers


def prepare(backend: RDSBackend, database: Any, values: dict[str, Any]) -> None:
    """Check a change as a whole, and put an exact version in the place of a major one."""
    if database.engine not in offers.VERSIONS:
        return
    if wanted := values.get("engine_version"):
        values["engine_version"] = _version(database, wanted, bool(values.get("allow_major_version_upgrade")))
    if instance_class := values.get("db_instance_class"):
        offers.check_class(database.engine, instance_class)
    storage = values.get("allocated_storage")
    if storage is not None and int(storage) < int(database.allocated_storage):
        raise InvalidParameterCombination(
            "Invalid storage size for engine: the allocated storage cannot be made smaller."
        )
    version = values.get("engine_version", database.engine_version)
    named = values.get("db_parameter_group_name") or database.db_parameter_group_name
    if _is_default(named) and "db_parameter_group_name" not in values:
        named = None
    check_group(backend, database.engine, version, named)


def _version(database: Any, wanted: str, major_allowed: bool) -> str:
    present: str = database.engine_version
    if wanted == present.split(".")[0]:
        # The major that it has already: no change.
        return present
    version = offers.resolve(database.engine, wanted)
    if _numbers(version) < _numbers(present):
        raise InvalidParameterCombination(f"Cannot upgrade {database.engine} from {present} to {version}")
    is_major = offers.family(database.engine, version) != offers.family(database.engine, present)
    if is_major and not major_allowed:
        raise InvalidParameterCombination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        )
    return version


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _is_default(group: str | None) -> bool:
    return group is None or group.startswith("default.")


def check_group(backend: RDSBackend, engine: str, version: str, group: str | None) -> None:
    """Refuse a parameter group of another family than the version's; none is the family's default."""
    family = offers.family(engine, version)
    if group is None or group == f"default.{family}":
        return
    found: Any = backend.db_parameter_groups.get(group.lower())
    theirs = found.family if found is not None else group.removeprefix("default.")
    if (found is not None or _is_default(group)) and theirs != family:
        raise RDSClientError(
            "InvalidParameterCombination",
            f"The parameter group {group} with DBParameterGroupFamily {theirs} can't be used for this instance. "
            f"Use a parameter group with DBParameterGroupFamily {family}.",
        )


def follow_version(database: Any) -> None:
    """Let the default option and parameter groups be the version's."""
    if database.db_cluster_identifier is not None or database.engine not in offers.VERSIONS:
        return
    if database.option_group_name.startswith("default:"):
        major = offers.family(database.engine, database.engine_version).removeprefix(database.engine)
        database.option_group_name = f"default:{database.engine}-{major.replace('.', '-')}"
    if _is_default(database.db_parameter_group_name):
        database.db_parameter_group_name = None


def settle_log_exports(database: Any) -> None:
    """Each exported log once, in one order."""
    database.enabled_cloudwatch_logs_exports = sorted(set(database.enabled_cloudwatch_logs_exports))
