"""Database instances.

AWS: each has a resource id of its own, interfaces in its subnets, Performance Insights as asked, an exact
engine version, a KMS key that exists, windows that do not overlap, minutes of `creating`, `modifying` and `deleting`;
a bad master password is refused. A change ends in the asked state or is refused as a whole.
moto: one resource id for all (the provider takes the second database for the first), no interfaces, no
Performance Insights, any key, `available` at once, any change taken as it is.
"""

from __future__ import annotations

import random
import string
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, RDSClientError
from moto.rds.models import DBInstance, RDSBackend

from libs.sandbox.aws import runtime
from libs.sandbox.aws.ec2 import interfaces
from libs.sandbox.aws.rds import changes, keys, offers, snapshots, windows

_FORBIDDEN = set('/@" ')


def mend() -> None:
    """Wrap what creates, changes and deletes an instance."""
    _mend_create()
    _mend_modify()
    _mend_delete()
    DBInstance.default_db_parameter_group_details = _default_group  # type: ignore[method-assign,assignment]


def _mend_create() -> None:
    original = RDSBackend.create_db_instance

    def create(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        _check_password(db_kwargs.get("master_user_password"))
        engine = db_kwargs["engine"]
        if engine in offers.VERSIONS:
            db_kwargs["engine_version"] = offers.resolve(engine, db_kwargs.get("engine_version"))
            offers.check_class(engine, db_kwargs["db_instance_class"])
            changes.check_group(self, engine, db_kwargs["engine_version"], db_kwargs.get("db_parameter_group_name"))
        windows.choose(db_kwargs)
        if db_kwargs.get("storage_encrypted"):
            db_kwargs["kms_key_id"] = keys.arn(self, db_kwargs.get("kms_key_id") or "alias/aws/rds")
        elif db_kwargs.get("kms_key_id"):
            raise InvalidParameterCombination("A KMS key may only be given for an encrypted DB instance.")
        database = original(self, db_kwargs)
        database.dbi_resource_id = "db-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=26))
        database.ca_certificate_identifier = db_kwargs.get("ca_certificate_identifier") or "rds-ca-rsa2048-g1"
        _set_insights(database, db_kwargs)
        if engine == "postgres":
            database.license_model = "postgresql-license"
        changes.follow_version(database)
        _fill_gp3(database)
        _place(self, database)
        _busy(database, "creating", "rds:instance")
        return database

    RDSBackend.create_db_instance = create  # type: ignore[method-assign]


def _check_password(password: str | None) -> None:
    if password is None:
        return
    if not 8 <= len(password) <= 128:
        raise InvalidParameterValue(
            "The parameter MasterUserPassword is not a valid password. Use 8 to 128 characters."
        )
    if _FORBIDDEN & set(password):
        raise InvalidParameterValue(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides "
            "'/', '@', '\"', ' ' may be used."
        )


def _set_insights(database: Any, values: dict[str, Any]) -> None:
    enabled = values.get("enable_performance_insights")
    if enabled is None:
        enabled = getattr(database, "performance_insights_enabled", False)
    database.performance_insights_enabled = bool(enabled)
    if not enabled:
        database.performance_insights_retention_period = None
        database.performance_insights_kms_key_id = None
        return
    known_days = getattr(database, "performance_insights_retention_period", None) or 7
    database.performance_insights_retention_period = values.get("performance_insights_retention_period") or known_days
    known_key = getattr(database, "performance_insights_kms_key_id", None) or database.kms_key_id
    database.performance_insights_kms_key_id = values.get("performance_insights_kms_key_id") or known_key


def _fill_gp3(database: Any) -> None:
    if database.db_cluster_identifier is None and database.storage_type == "gp3":
        small = int(database.allocated_storage) < 400
        database.iops = database.iops or (3000 if small else 12000)
        database.storage_throughput = database.storage_throughput or (125 if small else 500)


def _place(backend: RDSBackend, database: Any) -> None:
    group = getattr(database, "db_subnet_group", None)
    if group is None:
        return
    subnets = list(group._subnets)
    if not database.multi_az:
        zones = {subnet.availability_zone for subnet in subnets}
        if database.availability_zone not in zones:
            database.availability_zone = sorted(zones)[0]
        subnets = [subnet for subnet in subnets if subnet.availability_zone == database.availability_zone][:1]
    interfaces.attach(
        backend.account_id,
        backend.region_name,
        _owner(database),
        "RDSNetworkInterface",
        [subnet.id for subnet in subnets],
        database.vpc_security_group_ids,
    )


def _owner(database: Any) -> str:
    return f"rds/{database.dbi_resource_id}"


def _busy(database: Any, status: str, what: str) -> None:
    """Show `status` while AWS would be at it."""
    if not runtime.current().wait_seconds(what):
        return
    database.status = status

    def available() -> None:
        if database.status == status:
            database.status = "available"

    runtime.current().later(what, f"rds {database.db_instance_identifier}", available)


def _mend_modify() -> None:
    original = RDSBackend.modify_db_instance

    def modify(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
        _check_password(db_kwargs.get("master_user_password"))
        database: Any = self.describe_db_instances(db_instance_identifier)[0]
        if database.status != "available":
            raise RDSClientError(
                "InvalidDBInstanceState",
                f"Instance {db_instance_identifier} is {database.status}; it must be available.",
            )
        changes.prepare(self, database, db_kwargs)
        database = original(self, db_instance_identifier, db_kwargs)
        changes.follow_version(database)
        changes.settle_log_exports(database)
        _set_insights(database, db_kwargs)
        _fill_gp3(database)
        if groups := db_kwargs.get("vpc_security_group_ids"):
            interfaces.regroup(self.account_id, self.region_name, _owner(database), groups)
        _busy(database, "modifying", "rds:instance-update")
        changed: DBInstance = database
        return changed

    RDSBackend.modify_db_instance = modify  # type: ignore[method-assign]


def _mend_delete() -> None:
    original = RDSBackend.delete_db_instance

    def delete(self: RDSBackend, db_instance_identifier: str, *arguments: Any, **named: Any) -> DBInstance:
        database: Any = self.databases.get(db_instance_identifier)
        if database is not None and database.status in ("creating", "deleting"):
            raise RDSClientError(
                "InvalidDBInstanceState", f"Instance {db_instance_identifier} is already being {database.status}."
            )
        if database is not None:
            snapshots.check_final(self, database, named)
        deleted = original(self, db_instance_identifier, *arguments, **named)

        def leave() -> None:
            interfaces.detach(self.account_id, self.region_name, _owner(deleted))

        if not runtime.current().wait_seconds("rds:instance-delete"):
            leave()
            return deleted
        # It stays describable as `deleting`, which moto's own delete has already taken out.
        self.databases[db_instance_identifier] = deleted

        def gone() -> None:
            self.databases.pop(db_instance_identifier, None)
            leave()

        runtime.current().later("rds:instance-delete", f"rds {db_instance_identifier}", gone)
        return deleted

    RDSBackend.delete_db_instance = delete  # type: ignore[method-assign]


def _default_group(database: DBInstance) -> tuple[str, str]:
    family = offers.family(database.engine, database.engine_version)
    return family, f"default.{family}"
