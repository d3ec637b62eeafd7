"""What RDS offers: engine versions and the instance classes that each engine orders.

AWS: DescribeDBEngineVersions and DescribeOrderableDBInstanceOptions list them, and a create with a version
or a class that is not offered is refused; a major version alone takes its default minor one.
moto: no DescribeDBEngineVersions, orderable options for Aurora and Neptune alone, any version is taken.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.responses import RDSResponse

VERSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "postgres": {
        "14": ("14.19", "14.20"),
        "15": ("15.14", "15.15"),
        "16": ("16.8", "16.10", "16.11"),
        "17": ("17.4", "17.6", "17.7"),
        "18": ("18.1", "18.2"),
    },
    "mysql": {"8.0": ("8.0.43", "8.0.44"), "8.4": ("8.4.6", "8.4.7")},
    "mariadb": {"10.11": ("10.11.14",), "11.4": ("11.4.8",)},
}
"""Minor versions by engine and major version, oldest first."""

_FAMILIES = ("t3", "t4g", "m5", "r5", "m6i", "m6g", "m7i", "m7g", "r6i", "r6g", "r7i", "r7g")
_BURSTABLE = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_FIXED = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
CLASSES = tuple(
    f"db.{family}.{size}" for family in _FAMILIES for size in (_BURSTABLE if family.startswith("t") else _FIXED)
)
"""Instance classes that the sandbox orders."""


def family(engine: str, version: str) -> str:
    """Parameter group family, such as `postgres17`."""
    parts = version.split(".")
    return f"{engine}{parts[0] if engine == 'postgres' else '.'.join(parts[:2])}"


def resolve(engine: str, wanted: str | None) -> str:
    """The exact version for a wanted one; refused when it is not offered."""
    offered = VERSIONS[engine]
    if wanted is None:
        return next(reversed(offered.values()))[-1]
    for major, minors in offered.items():
        if wanted == major:
            return minors[-1]
        if wanted in minors:
            return wanted
    raise InvalidParameterCombination(f"Cannot find version {wanted} for {engine}")


def check_class(engine: str, instance_class: str) -> None:
    """Refuse a class that the engine does not order."""
    if instance_class not in CLASSES:
        raise InvalidParameterCombination(
            f"RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={instance_class}, Engine={engine}. For supported combinations of instance class "
            "and database engine version, see the documentation."
        )


def mend() -> None:
    """Add the two questions."""
    RDSResponse.describe_db_engine_versions = _describe_versions  # type: ignore[attr-defined]
    RDSResponse.describe_orderable_db_instance_options = _describe_options  # type: ignore[method-assign]


def _describe_versions(self: RDSResponse) -> ActionResult:
    engine, wanted = self.params.get("Engine"), self.params.get("EngineVersion")
    wanted_family = self.params.get("DBParameterGroupFamily")
    found: list[dict[str, Any]] = []
    for name, majors in VERSIONS.items():
        for major, minors in majors.items():
            for minor in minors:
                if engine not in (None, name) or wanted not in (None, major, minor):
                    continue
                if wanted_family not in (None, family(name, minor)):
                    continue
                if self.params.get("DefaultOnly") and minor != minors[-1]:
                    continue
                found.append(_version(name, major, minor, list(minors), list(majors)))
    if self.params.get("DefaultOnly") and not wanted:
        found = found[-1:]
    return ActionResult({"DBEngineVersions": found})


def _version(engine: str, major: str, minor: str, minors: list[str], majors: list[str]) -> dict[str, Any]:
    later = minors[minors.index(minor) + 1 :]
    targets = [(version, False) for version in later]
    targets += [(VERSIONS[engine][next_major][-1], True) for next_major in majors[majors.index(major) + 1 :]]
    return {
        "Engine": engine,
        "MajorEngineVersion": major,
        "EngineVersion": minor,
        "DBParameterGroupFamily": family(engine, minor),
        "DBEngineDescription": {"postgres": "PostgreSQL"}.get(engine, engine),
        "DBEngineVersionDescription": f"{engine} {minor}",
        "Status": "available",
        "SupportsReadReplica": True,
        "SupportsCertificateRotationWithoutRestart": True,
        "SupportedCACertificateIdentifiers": ["rds-ca-rsa2048-g1", "rds-ca-ecc384-g1", "rds-ca-rsa4096-g1"],
        "ExportableLogTypes": ["postgresql", "upgrade"] if engine == "postgres" else ["error", "slowquery"],
        "ValidUpgradeTarget": [
            {"Engine": engine, "EngineVersion": version, "AutoUpgrade": False, "IsMajorVersionUpgrade": is_major}
            for version, is_major in targets
        ],
    }


def _describe_options(self: RDSResponse) -> ActionResult:
    engine, wanted = self.params.get("Engine"), self.params.get("EngineVersion")
    wanted_class = self.params.get("DBInstanceClass")
    if engine not in VERSIONS:
        options = self.backend.describe_orderable_db_instance_options(engine, wanted)
        return ActionResult({"OrderableDBInstanceOptions": options})
    zones = [{"Name": f"{self.region}{letter}"} for letter in "abc"]
    options = [
        {
            "Engine": engine,
            "EngineVersion": minor,
            "DBInstanceClass": name,
            "LicenseModel": "postgresql-license" if engine == "postgres" else "general-public-license",
            "AvailabilityZones": zones,
            "MultiAZCapable": True,
            "ReadReplicaCapable": True,
            "Vpc": True,
            "SupportsStorageEncryption": True,
            "StorageType": "gp3",
            "SupportsIops": True,
            "SupportsStorageThroughput": True,
            "SupportsPerformanceInsights": not name.endswith((".micro", ".small")),
            "SupportsStorageAutoscaling": True,
            "SupportsEnhancedMonitoring": True,
            "SupportsIAMDatabaseAuthentication": True,
            "MinStorageSize": 20,
            "MaxStorageSize": 65536,
        }
        for major, minors in VERSIONS[engine].items()
        for minor in minors
        if wanted in (None, major, minor)
        for name in CLASSES
        if wanted_class in (None, name)
    ]
    return ActionResult({"OrderableDBInstanceOptions": options})
