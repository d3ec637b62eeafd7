"""Databases, caches, keys and secrets."""

import time
from typing import Any

import pytest

from .conftest import Account, Network
from .helpers import refused


@pytest.fixture
def network(account: Account) -> Network:
    return account.network()


def make_database(account: Account, name: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = account.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="beta9",
        **{"MasterUserPassword": "abcDEF123456", "EngineVersion": "17", **more},
    )["DBInstance"]
    return made


def test_databases_have_their_own_resource_id_and_an_exact_version(account: Account) -> None:
    made = [make_database(account, name) for name in ("one", "two")]
    assert len({database["DbiResourceId"] for database in made}) == 2
    assert all(database["EngineVersion"].startswith("17.") for database in made)


def test_performance_insights_are_kept(account: Account) -> None:
    make_database(account, "one", EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=31)
    (found,) = account.client("rds").describe_db_instances(DBInstanceIdentifier="one")["DBInstances"]
    assert found["PerformanceInsightsEnabled"]
    assert found["PerformanceInsightsRetentionPeriod"] == 31


def test_a_bad_database_is_refused(account: Account) -> None:
    create = account.client("rds").create_db_instance
    good = {"DBInstanceIdentifier": "one", "Engine": "postgres", "MasterUsername": "b", "AllocatedStorage": 20}
    good |= {"DBInstanceClass": "db.t4g.medium", "MasterUserPassword": "abcDEF123456"}
    assert "not a valid password" in refused(create, **good | {"MasterUserPassword": "abc/DEF@123"})[2]
    assert "Cannot find version 9.6" in refused(create, **good, EngineVersion="9.6")[2]
    assert "db.x1.large" in refused(create, **good | {"DBInstanceClass": "db.x1.large"})[2]


def test_a_database_holds_its_network(account: Account, network: Network) -> None:
    rds, ec2 = account.client("rds"), account.client("ec2")
    rds.create_db_subnet_group(DBSubnetGroupName="one", DBSubnetGroupDescription="-", SubnetIds=network.subnet_ids)
    group = ec2.create_security_group(GroupName="db", Description="-", VpcId=network.vpc_id)["GroupId"]
    make_database(account, "one", DBSubnetGroupName="one", VpcSecurityGroupIds=[group])
    (interface,) = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert refused(ec2.delete_subnet, SubnetId=interface["SubnetId"])[0] == "DependencyViolation"
    assert refused(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    busy = refused(ec2.delete_network_interface, NetworkInterfaceId=interface["NetworkInterfaceId"])
    assert busy[0] == "InvalidParameterValue"
    assert refused(rds.delete_db_subnet_group, DBSubnetGroupName="one")[0] == "InvalidDBSubnetGroupStateFault"
    rds.delete_db_instance(DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    rds.delete_db_subnet_group(DBSubnetGroupName="one")
    ec2.delete_security_group(GroupId=group)
    assert set(account.inventory()) == {"ec2:subnet", "ec2:vpc"}


def test_a_security_group_is_free_once_its_users_have_another(account: Account, network: Network) -> None:
    rds, ec2, cache = account.client("rds"), account.client("ec2"), account.client("elasticache")
    old, new = (
        ec2.create_security_group(GroupName=name, Description="-", VpcId=network.vpc_id)["GroupId"]
        for name in ("old", "new")
    )
    rds.create_db_subnet_group(DBSubnetGroupName="one", DBSubnetGroupDescription="-", SubnetIds=network.subnet_ids)
    make_database(account, "one", DBSubnetGroupName="one", VpcSecurityGroupIds=[old])
    make_cache(account, network, SecurityGroupIds=[old])
    rds.modify_db_instance(DBInstanceIdentifier="one", VpcSecurityGroupIds=[new], ApplyImmediately=True)
    assert refused(ec2.delete_security_group, GroupId=old)[0] == "DependencyViolation"
    cache.modify_replication_group(ReplicationGroupId="one", SecurityGroupIds=[new], ApplyImmediately=True)
    ec2.delete_security_group(GroupId=old)
    assert refused(ec2.delete_security_group, GroupId=new)[0] == "DependencyViolation"


def test_parameters_are_the_owners(account: Account) -> None:
    rds = account.client("rds")
    name = {"DBParameterGroupName": "one"}
    rds.create_db_parameter_group(**name, DBParameterGroupFamily="postgres17", Description="-")
    wanted = [{"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}]
    rds.modify_db_parameter_group(**name, Parameters=wanted)
    (parameter,) = rds.describe_db_parameters(**name, Source="user")["Parameters"]
    assert (parameter["ParameterName"], parameter["ParameterValue"]) == ("rds.force_ssl", "1")
    static = [{"ParameterName": "max_connections", "ParameterValue": "9", "ApplyMethod": "immediate"}]
    assert refused(rds.modify_db_parameter_group, **name, Parameters=static)[0] == "InvalidParameterCombination"
    rds.reset_db_parameter_group(**name, ResetAllParameters=True)
    assert rds.describe_db_parameters(**name)["Parameters"] == []


def make_cache(account: Account, network: Network, **more: Any) -> Any:
    cache = account.client("elasticache")
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="one", CacheSubnetGroupDescription="-", SubnetIds=network.subnet_ids
    )
    group = {"CacheParameterGroupName": "one"}
    cache.create_cache_parameter_group(**group, CacheParameterGroupFamily="valkey8", Description="-")
    events = {"ParameterName": "notify-keyspace-events", "ParameterValue": "AKE"}
    cache.modify_cache_parameter_group(**group, ParameterNameValues=[events])
    return cache.create_replication_group(
        ReplicationGroupId="one",
        ReplicationGroupDescription="-",
        Engine="valkey",
        EngineVersion="8.0",
        CacheNodeType="cache.t4g.small",
        CacheSubnetGroupName="one",
        TransitEncryptionEnabled=True,
        AuthToken="a-token-of-16-characters",
        **group,
        **more,
    )


def test_the_members_of_a_replication_group_are_described(account: Account, network: Network) -> None:
    make_cache(account, network, NumCacheClusters=2, AutomaticFailoverEnabled=True, MultiAZEnabled=True)
    cache = account.client("elasticache")
    (group,) = cache.describe_replication_groups(ReplicationGroupId="one")["ReplicationGroups"]
    assert group["Status"] == "available"
    assert group["AuthTokenEnabled"]
    (shard,) = group["NodeGroups"]
    assert shard["PrimaryEndpoint"]["Address"].startswith("master.one.")
    for member in group["MemberClusters"]:
        (found,) = cache.describe_cache_clusters(CacheClusterId=member, ShowCacheNodeInfo=True)["CacheClusters"]
        assert found["ReplicationGroupId"] == "one"
        assert found["EngineVersion"] == "8.0.1"
        assert found["CacheParameterGroup"]["CacheParameterGroupName"] == "one"
        assert found["CacheNodes"][0]["Endpoint"]["Port"] == 6379
    assert len(group["MemberClusters"]) == 2


def test_cache_groups_in_use_stay(account: Account, network: Network) -> None:
    make_cache(account, network)
    cache = account.client("elasticache")
    assert refused(cache.delete_cache_subnet_group, CacheSubnetGroupName="one")[0] == "CacheSubnetGroupInUse"
    used = refused(cache.delete_cache_parameter_group, CacheParameterGroupName="one")
    assert used[0] == "InvalidCacheParameterGroupState"
    cache.delete_replication_group(ReplicationGroupId="one")
    gone = refused(cache.describe_replication_groups, ReplicationGroupId="one")
    assert gone[0] == "ReplicationGroupNotFoundFault"
    cache.delete_cache_subnet_group(CacheSubnetGroupName="one")
    cache.delete_cache_parameter_group(CacheParameterGroupName="one")
    assert set(account.inventory()) == {"ec2:subnet", "ec2:vpc"}


def test_a_token_is_rotated_then_set(account: Account, network: Network) -> None:
    cache = account.client("elasticache")
    before = make_cache(account, network)["ReplicationGroup"]["AuthTokenLastModifiedDate"]
    for strategy in ("ROTATE", "SET"):
        time.sleep(0.001)
        changed = cache.modify_replication_group(
            ReplicationGroupId="one", AuthToken="another-token-of-24-char", AuthTokenUpdateStrategy=strategy
        )["ReplicationGroup"]
        assert changed["AuthTokenLastModifiedDate"] > before
    bad = refused(cache.modify_replication_group, ReplicationGroupId="one", AuthToken="short")
    assert bad[0] == "InvalidParameterValue"


def test_only_the_owners_parameters_are_user_parameters(account: Account, network: Network) -> None:
    make_cache(account, network)
    cache = account.client("elasticache")
    (own,) = cache.describe_cache_parameters(CacheParameterGroupName="one", Source="user")["Parameters"]
    assert (own["ParameterName"], own["ParameterValue"]) == ("notify-keyspace-events", "AKE")
    wrong = [{"ParameterName": "no-such-parameter", "ParameterValue": "1"}]
    answer = refused(cache.modify_cache_parameter_group, CacheParameterGroupName="one", ParameterNameValues=wrong)
    assert answer[0] == "InvalidParameterValue"


def test_a_cache_that_does_not_fit_is_refused(account: Account, network: Network) -> None:
    make_cache(account, network)
    create = account.client("elasticache").create_replication_group
    good: dict[str, Any] = {"ReplicationGroupId": "two", "ReplicationGroupDescription": "-", "Engine": "valkey"}
    good |= {"CacheSubnetGroupName": "one", "CacheNodeType": "cache.t4g.small"}
    wrong_family = refused(create, **good, EngineVersion="7.2", CacheParameterGroupName="one")
    assert wrong_family[0] == "InvalidParameterCombination"
    assert refused(create, **good, AutomaticFailoverEnabled=True)[0] == "InvalidParameterValue"
    plain = refused(create, **good, TransitEncryptionEnabled=False, AuthToken="a-token-of-16-characters")
    assert plain[0] == "InvalidParameterCombination"


def test_a_keys_rotation_has_a_period(account: Account) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 180
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert account.inventory() == {}
