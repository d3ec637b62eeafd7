"""What a database's change, deletion and snapshots are like."""

from typing import Any

import pytest

from .conftest import Account
from .helpers import refused
from .test_data_services import make_database


def change(account: Account, **values: Any) -> dict[str, Any]:
    changed: dict[str, Any] = account.client("rds").modify_db_instance(
        DBInstanceIdentifier="one", ApplyImmediately=True, **values
    )["DBInstance"]
    return changed


def test_a_change_ends_in_the_asked_state(account: Account) -> None:
    make_database(account, "one", MultiAZ=False, MaxAllocatedStorage=100, EnableCloudwatchLogsExports=["postgresql"])
    change(
        account,
        DBInstanceClass="db.r7g.large",
        AllocatedStorage=50,
        MaxAllocatedStorage=200,
        MultiAZ=True,
        MasterUserPassword="anotherPassword1",
        BackupRetentionPeriod=14,
        PreferredBackupWindow="01:00-02:00",
        PreferredMaintenanceWindow="sun:03:00-sun:04:00",
        DeletionProtection=True,
        EnablePerformanceInsights=True,
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["upgrade"]},
    )
    (found,) = account.client("rds").describe_db_instances(DBInstanceIdentifier="one")["DBInstances"]
    assert (found["DBInstanceClass"], found["AllocatedStorage"], found["MaxAllocatedStorage"]) == (
        "db.r7g.large",
        50,
        200,
    )
    assert found["MultiAZ"]
    assert found["DeletionProtection"]
    assert found["PerformanceInsightsEnabled"]
    assert found["BackupRetentionPeriod"] == 14
    assert found["PreferredBackupWindow"] == "01:00-02:00"
    assert found["PreferredMaintenanceWindow"] == "sun:03:00-sun:04:00"
    assert found["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert found["DBInstanceStatus"] == "available"


def test_versions_go_up_alone_with_a_parameter_group_of_their_family(account: Account) -> None:
    rds = account.client("rds")
    for major in ("16", "17"):
        rds.create_db_parameter_group(
            DBParameterGroupName=f"pg{major}", DBParameterGroupFamily=f"postgres{major}", Description="-"
        )
    make_database(account, "one", EngineVersion="16", DBParameterGroupName="pg16")
    modify = {"DBInstanceIdentifier": "one", "ApplyImmediately": True}
    assert refused(rds.modify_db_instance, **modify, EngineVersion="15")[0] == "InvalidParameterCombination"
    without = refused(rds.modify_db_instance, **modify, EngineVersion="17", DBParameterGroupName="pg17")
    assert "AllowMajorVersionUpgrade" in without[2]
    old_group = refused(rds.modify_db_instance, **modify, EngineVersion="17", AllowMajorVersionUpgrade=True)
    assert "DBParameterGroupFamily postgres17" in old_group[2]
    changed = change(account, EngineVersion="17", AllowMajorVersionUpgrade=True, DBParameterGroupName="pg17")
    assert changed["EngineVersion"].startswith("17.")
    assert changed["DBParameterGroups"][0]["DBParameterGroupName"] == "pg17"
    assert changed["OptionGroupMemberships"][0]["OptionGroupName"] == "default:postgres-17"
    exact = changed["EngineVersion"]
    assert change(account, EngineVersion="17")["EngineVersion"] == exact


def test_storage_does_not_shrink(account: Account) -> None:
    make_database(account, "one")
    change(account, AllocatedStorage=50)
    smaller = refused(account.client("rds").modify_db_instance, DBInstanceIdentifier="one", AllocatedStorage=30)
    assert smaller[0] == "InvalidParameterCombination"


def test_a_key_must_be_there(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]
    made = make_database(account, "one", StorageEncrypted=True, KmsKeyId=key["KeyId"])
    assert made["KmsKeyId"] == key["Arn"]
    own = make_database(account, "two", StorageEncrypted=True)["KmsKeyId"]
    assert own.startswith("arn:aws:kms:us-east-1:")
    assert make_database(account, "three", StorageEncrypted=True)["KmsKeyId"] == own
    with pytest.raises(account.client("rds").exceptions.KMSKeyNotAccessibleFault):
        make_database(account, "four", StorageEncrypted=True, KmsKeyId=key["Arn"][:-12] + "0" * 12)
    assert "kms:key" in account.inventory()


def test_windows_are_picked_around_the_given_one(account: Account) -> None:
    made = make_database(account, "one", PreferredMaintenanceWindow="sun:03:00-sun:04:00")
    assert made["PreferredMaintenanceWindow"] == "sun:03:00-sun:04:00"
    assert made["PreferredBackupWindow"] == "07:12-07:42"


def test_a_delete_says_what_becomes_of_the_data(account: Account) -> None:
    rds = account.client("rds")
    make_database(account, "one", DeletionProtection=True)
    skip = {"DBInstanceIdentifier": "one", "SkipFinalSnapshot": True}
    assert "deletion protection" in refused(rds.delete_db_instance, **skip)[2]
    change(account, DeletionProtection=False)
    neither = refused(rds.delete_db_instance, DBInstanceIdentifier="one", SkipFinalSnapshot=False)
    assert "FinalDBSnapshotIdentifier is required" in neither[2]
    both = refused(rds.delete_db_instance, **skip, FinalDBSnapshotIdentifier="final")
    assert both[0] == "InvalidParameterCombination"
    rds.create_db_snapshot(DBInstanceIdentifier="one", DBSnapshotIdentifier="taken")
    taken = refused(rds.delete_db_instance, DBInstanceIdentifier="one", FinalDBSnapshotIdentifier="taken")
    assert taken[0] == "DBSnapshotAlreadyExists"
    rds.delete_db_instance(DBInstanceIdentifier="one", FinalDBSnapshotIdentifier="final")
    (kept,) = rds.describe_db_snapshots(DBSnapshotIdentifier="final")["DBSnapshots"]
    assert (kept["DBInstanceIdentifier"], kept["Status"]) == ("one", "available")
    assert refused(rds.describe_db_snapshots, DBSnapshotIdentifier="none")[0] == "DBSnapshotNotFound"
    assert account.inventory()["rds:snapshot"] == ["us-east-1/final", "us-east-1/taken"]


def test_offers_name_classes_and_zones(account: Account) -> None:
    rds = account.client("rds")
    for major in ("15", "16", "17", "18"):
        for name in ("db.t3.small", "db.t4g.medium", "db.r5.xlarge", "db.r6g.large", "db.r7g.large", "db.m7g.large"):
            offers = rds.describe_orderable_db_instance_options(
                Engine="postgres", EngineVersion=major, DBInstanceClass=name, Vpc=True
            )["OrderableDBInstanceOptions"]
            assert offers, (major, name)
            assert {zone["Name"] for zone in offers[0]["AvailabilityZones"]} >= {"us-east-1a", "us-east-1b"}
    none = rds.describe_orderable_db_instance_options(Engine="postgres", DBInstanceClass="db.x9.large")
    assert none["OrderableDBInstanceOptions"] == []
