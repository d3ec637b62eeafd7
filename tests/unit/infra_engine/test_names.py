"""Names of resources: legal for every environment name, and never shared."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.infra_engine.stacks.aws.names import IllegalBucketPrefix, base_name, group_name, resource_names
from services.infra_engine.stacks.aws.node_groups import resolve
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    AwsAccount,
    Cluster,
    NodeGroup,
    ObjectStore,
    Postgres,
    Redis,
    StackInput,
)

ACCOUNT = AwsAccount("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Beta9Provisioner", "ext")

LEGAL = {
    "cluster": r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}",
    "key_alias": r"alias/[a-zA-Z0-9/_-]{1,250}",
    "flow_log_group": r"[A-Za-z0-9/_.#-]{1,512}",
    "flow_log_role": r"[\w+=,.@-]{1,64}",
    "cluster_role": r"[\w+=,.@-]{1,64}",
    "node_role": r"[\w+=,.@-]{1,64}",
    "vpc_cni_role": r"[\w+=,.@-]{1,64}",
    "ebs_csi_role": r"[\w+=,.@-]{1,64}",
    "gateway_role": r"[\w+=,.@-]{1,64}",
    "cluster_autoscaler_role": r"[\w+=,.@-]{1,64}",
    "load_balancer_role": r"[\w+=,.@-]{1,64}",
    "workspace_storage_user": r"[\w+=,.@-]{1,64}",
    "database": r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]",
    "final_snapshot": r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]",
    "database_parameters": r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]",
    "cache_parameters": r"(?!.*--)[a-z][a-z0-9-]{0,253}[a-z0-9]",
    "cache_secret": r"[A-Za-z0-9/_+=.@-]{1,512}",
    "cache": r"(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]",
    "bucket": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "workspace_bucket_prefix": r"[a-z0-9][a-z0-9-]{0,24}[a-z0-9]",
    "database_secret": r"[A-Za-z0-9/_+=.@-]{1,512}",
    "cluster_log_group": r"[A-Za-z0-9/_.#-]{1,512}",
}


def given_input(environment: str = "prod", uid: str = "u-1", prefix: str = "beta9") -> StackInput:
    return StackInput("w", environment, uid, ACCOUNT, "d", object_store=ObjectStore(bucket_prefix=prefix))


@settings(deadline=None)  # a busy machine is no failure
@given(
    environment=st.text(min_size=1, max_size=80),
    uid=st.uuids().map(str),
    prefix=st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?\Z"),
    key=st.none() | st.text(min_size=1),
)
def test_every_name_is_legal_at_every_length(environment: str, uid: str, prefix: str, key: str | None) -> None:
    names = resource_names(replace(given_input(environment, uid, prefix), kms_key_arn=key))
    assert set(names) == {*LEGAL, "base"}
    for kind, pattern in LEGAL.items():
        assert re.fullmatch(pattern, names[kind]), (kind, names[kind])
    assert len(names["base"]) <= 32


@settings(deadline=None)  # a busy machine is no failure
@given(environment=st.text(min_size=1, max_size=80), one=st.uuids().map(str), other=st.uuids().map(str))
def test_two_environments_of_one_name_share_nothing(environment: str, one: str, other: str) -> None:
    if one == other:
        return
    ours, theirs = resource_names(given_input(environment, one)), resource_names(given_input(environment, other))
    assert not set(ours.values()) & set(theirs.values())


def test_names_are_the_same_for_ever() -> None:
    """A changed name would replace what it names in every environment there is."""
    assert resource_names(given_input("My Production!", "7f0e")) == {
        "base": "beta9-my-production-jae4npmjru",
        "key_alias": "alias/beta9-my-production-jae4npmjru",
        "flow_log_group": "/beta9/beta9-my-production-jae4npmjru/flow-logs",
        "flow_log_role": "beta9-my-production-jae4npmjru-flow-logs",
        "cluster": "beta9-my-production-jae4npmjru",
        "cluster_log_group": "/aws/eks/beta9-my-production-jae4npmjru/cluster",
        "cluster_role": "beta9-my-production-jae4npmjru-cluster",
        "node_role": "beta9-my-production-jae4npmjru-node",
        "vpc_cni_role": "beta9-my-production-jae4npmjru-vpc-cni",
        "ebs_csi_role": "beta9-my-production-jae4npmjru-ebs-csi",
        "gateway_role": "beta9-my-production-jae4npmjru-gateway",
        "cluster_autoscaler_role": "beta9-my-production-jae4npmjru-cluster-autoscaler",
        "load_balancer_role": "beta9-my-production-jae4npmjru-load-balancer",
        "workspace_storage_user": "beta9-my-production-jae4npmjru-workspace-storage",
        "database": "beta9-my-production-jae4npmjru-db",
        "database_parameters": "beta9-my-production-jae4npmjru-postgres17",
        "database_secret": "beta9/beta9-my-production-jae4npmjru/postgres",
        "final_snapshot": "beta9-my-production-jae4npmjru-final",
        "cache": "beta9-my-production-jae4npmjru-cache",
        "cache_parameters": "beta9-my-production-jae4npmjru-valkey8",
        "cache_secret": "beta9/beta9-my-production-jae4npmjru/redis",
        "bucket": "beta9-jae4npmjrua6mxaz",
        "workspace_bucket_prefix": "beta9-jae4npmjrua6mxaz",
    }


def test_a_name_of_nothing_legal_is_still_a_name() -> None:
    assert base_name("___", "u").startswith("beta9-environment-")


@pytest.mark.parametrize("prefix", ["Beta9", "beta_9", "-beta9", "beta9-", "", "${var.region}", "béta"])
def test_a_prefix_that_s3_refuses_is_refused_by_name(prefix: str) -> None:
    with pytest.raises(IllegalBucketPrefix, match="small letters"):
        resource_names(given_input(prefix=prefix))


@settings(deadline=None)  # a busy machine is no failure
@given(environment=st.text(min_size=1, max_size=80), name=st.from_regex(r"\A[a-z][a-z0-9-]{0,19}\Z"))
def test_a_node_group_has_a_legal_name_at_every_length(environment: str, name: str) -> None:
    given_groups = Cluster(node_groups=(NodeGroup(name),) if name != SYSTEM else ())
    stack_input = StackInput("w", environment, "u-1", ACCOUNT, "d", cluster=given_groups)
    names = [group_name(base_name(environment, "u-1"), one) for one in resolve(stack_input)]
    assert len(set(names)) == len(names)
    for one in names:
        assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}", one), one


def group_of(group: NodeGroup) -> str:
    (_, resolved) = resolve(StackInput("w", "prod", "u-1", ACCOUNT, "d", cluster=Cluster(node_groups=(group,))))
    return group_name("beta9-prod-x", resolved)


def test_a_node_group_that_eks_must_replace_has_another_name() -> None:
    """The new group stands beside the old one; what EKS changes in place keeps the name."""
    plain = group_of(NodeGroup("cpu"))
    assert plain == "beta9-prod-x-cpu-lw2odz"
    assert plain == group_of(NodeGroup("cpu", min_size=3, max_size=9, disk_gb=500, labels={"a": "b"}))
    others = [
        group_of(NodeGroup("cpu", instance_types=("m6i.large",))),
        group_of(NodeGroup("cpu", capacity_type="SPOT")),
        group_of(NodeGroup("cpu", gpu_type="T4")),
    ]
    assert len({plain, *others}) == 4


def test_a_parameter_group_of_another_family_has_another_name() -> None:
    def parameters(version: str, redis: Redis) -> tuple[str, str]:
        names = resource_names(replace(given_input(), postgres=Postgres(version=version), redis=redis))
        return names["database_parameters"], names["cache_parameters"]

    assert not set(parameters("17", Redis())) & set(parameters("18", Redis(engine="redis")))
    assert parameters("17", Redis(version="8.0")) == parameters("17", Redis())


def test_each_key_has_a_final_snapshot_of_its_own_and_nothing_else_does() -> None:
    """A database that is replaced leaves a snapshot too."""
    arn = "arn:aws:kms:us-east-1:123456789012:key/"
    without, one, other = (
        resource_names(replace(given_input(), kms_key_arn=key)) for key in (None, f"{arn}one", f"{arn}other")
    )
    assert one["final_snapshot"] == f"{without['final_snapshot']}-rmlolqyl"
    assert len({names.pop("final_snapshot") for names in (without, one, other)}) == 3
    assert without == one == other


def test_a_cluster_of_the_customers_keeps_its_name() -> None:
    names = resource_names(replace(given_input(), cluster=Cluster(existing_name="theirs")))
    assert names["cluster"] == "theirs"
    assert "theirs" not in names["cluster_role"]
