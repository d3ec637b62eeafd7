"""Names of resources: legal for every environment name, and never shared."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.infra_engine.stacks.aws.names import IllegalBucketPrefix, base_name, resource_names
from services.infra_engine.stacks.stack_input import AwsAccount, ObjectStore, StackInput

ACCOUNT = AwsAccount("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/Beta9Provisioner", "ext")

LEGAL = {
    "cluster": r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}",
    "node_group": r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}",
    "cluster_role": r"[\w+=,.@-]{1,64}",
    "node_role": r"[\w+=,.@-]{1,64}",
    "vpc_cni_role": r"[\w+=,.@-]{1,64}",
    "ebs_csi_role": r"[\w+=,.@-]{1,64}",
    "gateway_role": r"[\w+=,.@-]{1,64}",
    "workspace_storage_user": r"[\w+=,.@-]{1,64}",
    "database": r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]",
    "final_snapshot": r"(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]",
    "cache": r"(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]",
    "bucket": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "workspace_bucket_prefix": r"[a-z0-9][a-z0-9-]{0,24}[a-z0-9]",
    "database_secret": r"[A-Za-z0-9/_+=.@-]{1,512}",
    "cluster_log_group": r"[A-Za-z0-9/_.#-]{1,512}",
}


def given_input(environment: str = "prod", uid: str = "u-1", prefix: str = "beta9") -> StackInput:
    return StackInput("w", environment, uid, ACCOUNT, "d", object_store=ObjectStore(bucket_prefix=prefix))


@given(
    environment=st.text(min_size=1, max_size=80),
    uid=st.uuids().map(str),
    prefix=st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?\Z"),
)
def test_every_name_is_legal_at_every_length(environment: str, uid: str, prefix: str) -> None:
    names = resource_names(given_input(environment, uid, prefix))
    for kind, pattern in LEGAL.items():
        assert re.fullmatch(pattern, names[kind]), (kind, names[kind])
    assert len(names["base"]) <= 32


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
        "cluster": "beta9-my-production-jae4npmjru",
        "cluster_log_group": "/aws/eks/beta9-my-production-jae4npmjru/cluster",
        "cluster_role": "beta9-my-production-jae4npmjru-cluster",
        "node_role": "beta9-my-production-jae4npmjru-node",
        "node_group": "beta9-my-production-jae4npmjru-system",
        "vpc_cni_role": "beta9-my-production-jae4npmjru-vpc-cni",
        "ebs_csi_role": "beta9-my-production-jae4npmjru-ebs-csi",
        "gateway_role": "beta9-my-production-jae4npmjru-gateway",
        "workspace_storage_user": "beta9-my-production-jae4npmjru-workspace-storage",
        "database": "beta9-my-production-jae4npmjru-db",
        "database_secret": "beta9/beta9-my-production-jae4npmjru/postgres",
        "final_snapshot": "beta9-my-production-jae4npmjru-final",
        "cache": "beta9-my-production-jae4npmjru-cache",
        "bucket": "beta9-jae4npmjrua6mxaz",
        "workspace_bucket_prefix": "beta9-jae4npmjrua6mxaz",
    }


def test_a_name_of_nothing_legal_is_still_a_name() -> None:
    assert base_name("___", "u").startswith("beta9-environment-")


@pytest.mark.parametrize("prefix", ["Beta9", "beta_9", "-beta9", "beta9-", "", "${var.region}", "béta"])
def test_a_prefix_that_s3_refuses_is_refused_by_name(prefix: str) -> None:
    with pytest.raises(IllegalBucketPrefix, match="small letters"):
        resource_names(given_input(prefix=prefix))
