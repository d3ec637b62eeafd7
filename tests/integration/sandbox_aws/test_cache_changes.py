"""What a replication group's change is like: tokens, engines, replicas, node types, keys."""

from typing import Any

from .conftest import Account
from .helpers import refused

FIRST, SECOND, THIRD = "the-first-token-16", "the-second-token-16", "the-third-token-16"


def make(account: Account, **more: Any) -> Any:
    cache, network = account.client("elasticache"), account.network()
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="one", CacheSubnetGroupDescription="-", SubnetIds=network.subnet_ids
    )
    values: dict[str, Any] = {"Engine": "valkey", "EngineVersion": "8.0", "TransitEncryptionEnabled": True}
    cache.create_replication_group(
        ReplicationGroupId="one",
        ReplicationGroupDescription="-",
        CacheNodeType="cache.t4g.small",
        CacheSubnetGroupName="one",
        **(values | more),
    )
    return cache


def modify(cache: Any, **values: Any) -> dict[str, Any]:
    changed: dict[str, Any] = cache.modify_replication_group(ReplicationGroupId="one", ApplyImmediately=True, **values)[
        "ReplicationGroup"
    ]
    return changed


def tokens(account: Account) -> dict[str, Any]:
    path = f"/sandbox/accounts/{account.id}/replication-groups/us-east-1/one/tokens"
    return account.cloud.ask("GET", path)


def test_a_group_made_without_a_token_is_open_until_one_is_set(account: Account) -> None:
    cache = make(account)
    assert tokens(account) == {"tokens": [], "without_token": True}
    changed = modify(cache, AuthToken=FIRST, AuthTokenUpdateStrategy="ROTATE")
    assert changed["AuthTokenEnabled"]
    assert tokens(account) == {"tokens": [FIRST], "without_token": True}
    modify(cache, AuthToken=FIRST, AuthTokenUpdateStrategy="SET")
    assert tokens(account) == {"tokens": [FIRST], "without_token": False}


def test_a_rotation_lets_two_tokens_in_until_the_new_one_is_set(account: Account) -> None:
    cache = make(account, AuthToken=FIRST)
    modify(cache, AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE")
    assert tokens(account) == {"tokens": [FIRST, SECOND], "without_token": False}
    modify(cache, AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE")
    assert tokens(account)["tokens"] == [SECOND]
    modify(cache, AuthToken=THIRD, AuthTokenUpdateStrategy="ROTATE")
    modify(cache, AuthToken=THIRD, AuthTokenUpdateStrategy="SET")
    assert tokens(account)["tokens"] == [THIRD]


def test_a_token_needs_tls_and_a_strategy_a_token(account: Account) -> None:
    cache = make(account, TransitEncryptionEnabled=False, Engine="redis", EngineVersion="7.1")
    plain = refused(
        cache.modify_replication_group, ReplicationGroupId="one", AuthToken=FIRST, AuthTokenUpdateStrategy="SET"
    )
    assert "encryption-in-transit" in plain[2]
    with_tls = make(account.cloud.account())
    alone = refused(with_tls.modify_replication_group, ReplicationGroupId="one", AuthTokenUpdateStrategy="SET")
    assert alone[0] == "InvalidParameterCombination"
    gone = refused(with_tls.modify_replication_group, ReplicationGroupId="one", AuthTokenUpdateStrategy="DELETE")
    assert gone[0] == "InvalidParameterCombination"


def test_redis_becomes_valkey_and_never_back(account: Account) -> None:
    cache = make(account, Engine="redis", EngineVersion="7.1")
    call = {"ReplicationGroupId": "one", "ApplyImmediately": True}
    assert refused(cache.modify_replication_group, **call, EngineVersion="7.0")[0] == "InvalidParameterCombination"
    changed = modify(cache, Engine="valkey", EngineVersion="8.0")
    assert changed["Engine"] == "valkey"
    (member,) = cache.describe_cache_clusters()["CacheClusters"]
    assert (member["Engine"], member["EngineVersion"]) == ("valkey", "8.0.1")
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    back = refused(cache.modify_replication_group, **call, Engine="redis", EngineVersion="7.1")
    assert back[0] == "InvalidParameterCombination"


def test_replicas_come_and_go(account: Account) -> None:
    cache = make(account, NumCacheClusters=2, AutomaticFailoverEnabled=True, MultiAZEnabled=True)
    call = {"ReplicationGroupId": "one", "ApplyImmediately": True}
    grown = cache.increase_replica_count(**call, NewReplicaCount=3)["ReplicationGroup"]
    assert len(grown["MemberClusters"]) == 4
    assert refused(cache.increase_replica_count, **call, NewReplicaCount=2)[0] == "InvalidParameterValue"
    assert refused(cache.decrease_replica_count, **call, NewReplicaCount=0)[0] == "InvalidParameterValue"
    modify(cache, AutomaticFailoverEnabled=False, MultiAZEnabled=False)
    small = cache.decrease_replica_count(**call, NewReplicaCount=0)["ReplicationGroup"]
    assert small["MemberClusters"] == ["one-001"]
    assert len(cache.describe_cache_clusters()["CacheClusters"]) == 1
    assert refused(cache.modify_replication_group, **call, AutomaticFailoverEnabled=True)[0] == "InvalidParameterValue"


def test_node_types_and_windows_change(account: Account) -> None:
    cache = make(account)
    changed = modify(
        cache,
        CacheNodeType="cache.r7g.large",
        SnapshotRetentionLimit=3,
        SnapshotWindow="01:00-02:00",
        PreferredMaintenanceWindow="sun:03:00-sun:04:00",
    )
    assert (changed["CacheNodeType"], changed["SnapshotRetentionLimit"]) == ("cache.r7g.large", 3)
    assert changed["SnapshotWindow"] == "01:00-02:00"
    (member,) = cache.describe_cache_clusters()["CacheClusters"]
    assert member["PreferredMaintenanceWindow"] == "sun:03:00-sun:04:00"
    wrong = refused(cache.modify_replication_group, ReplicationGroupId="one", CacheNodeType="cache.x1.large")
    assert wrong[0] == "InvalidParameterValue"


def test_a_key_must_be_there_and_a_snapshots_name_free(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]
    cache = make(account, KmsKeyId=key["KeyId"], AtRestEncryptionEnabled=True)
    (group,) = cache.describe_replication_groups()["ReplicationGroups"]
    assert group["KmsKeyId"] == key["Arn"]
    cache.delete_replication_group(ReplicationGroupId="one", FinalSnapshotIdentifier="final")
    create = {"ReplicationGroupId": "one", "ReplicationGroupDescription": "-", "CacheSubnetGroupName": "one"}
    create |= {"Engine": "valkey", "CacheNodeType": "cache.t4g.small"}
    assert refused(cache.create_replication_group, **create, KmsKeyId="nothing")[0] == "InvalidKMSKeyFault"
    cache.create_replication_group(**create)
    taken = refused(cache.delete_replication_group, ReplicationGroupId="one", FinalSnapshotIdentifier="final")
    assert taken[0] == "SnapshotAlreadyExistsFault"
