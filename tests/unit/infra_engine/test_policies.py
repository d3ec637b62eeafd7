"""What the stack allows in IAM and KMS, read from its golden files: the least that works."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.infra_engine.inputs import EXAMPLES
from tests.unit.infra_engine.golden_stacks import Graph, golden

GRAPHS = {name: golden(name) for name in EXAMPLES}
every_example = pytest.mark.parametrize("name", EXAMPLES)
# AWS counts what is not white space of all inline policies of a role.
_INLINE_LIMIT = 10240


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def identity_policies(graph: Graph) -> Iterator[tuple[str, str]]:
    for kind in ("aws_iam_role_policy", "aws_iam_user_policy"):
        for label, body in graph.of(kind).items():
            yield label, body["policy"]


def statements(policy: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


@every_example
def test_no_identity_may_do_everything_of_a_service(name: str) -> None:
    for label, policy in identity_policies(GRAPHS[name]):
        assert len("".join(policy.split())) < _INLINE_LIMIT, label
        for statement in statements(policy):
            assert statement["Effect"] == "Allow"
            for action in listed(statement["Action"]):
                service, _, call = action.partition(":")
                assert service and call.rstrip("*"), (label, action)


@every_example
def test_what_changes_something_anywhere_is_held_by_a_condition(name: str) -> None:
    """But for what the load balancer controller needs for groups and listeners that carry no tag yet."""
    free = {
        "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupIngress",
        *(f"elasticloadbalancing:{one}" for one in (
            "AddListenerCertificates", "CreateListener", "CreateRule", "DeleteListener", "DeleteRule", "ModifyListener",
            "ModifyRule", "RemoveListenerCertificates", "SetRulePriorities",
        )),
    }  # fmt: skip
    for label, policy in identity_policies(GRAPHS[name]):
        for statement in statements(policy):
            if listed(statement["Resource"]) != ["*"] or "Condition" in statement:
                continue
            for action in listed(statement["Action"]):
                call = action.partition(":")[2]
                assert call.startswith(("Describe", "Get", "List")) or action in free, (label, action)


@every_example
def test_the_storage_user_reaches_the_buckets_of_its_prefix_alone(name: str) -> None:
    (policy,) = [one["policy"] for one in GRAPHS[name].of("aws_iam_user_policy").values()]
    for statement in statements(policy):
        (resource,) = listed(statement["Resource"])
        assert resource.startswith("arn:${var.partition}:s3:::${var.names.workspace_bucket_prefix}-*")


@every_example
def test_pods_assume_roles_by_their_own_service_account_alone(name: str) -> None:
    roles = GRAPHS[name].of("aws_iam_role")
    assumed = {}
    for label, body in roles.items():
        (statement,) = statements(body["assume_role_policy"])
        if "Federated" in statement["Principal"]:
            held = statement["Condition"]["StringEquals"]
            assert held["${local.cluster_issuer}:aud"] == "sts.amazonaws.com"
            assumed[label] = [one.removeprefix("system:serviceaccount:") for one in held["${local.cluster_issuer}:sub"]]
    ours = {
        "gateway_role": ["beta9:beta9", "beta9:default"],
        "cluster_autoscaler_role": ["kube-system:cluster-autoscaler"],
        "load_balancer_role": ["kube-system:aws-load-balancer-controller"],
    }
    addons = {
        "vpc_cni_role": ["kube-system:aws-node"],
        "ebs_csi_role": ["kube-system:ebs-csi-controller-sa"],
    }
    assert assumed == (ours if name == "existing-cluster" else ours | addons)


def test_the_key_admits_anybody_only_as_auto_scaling_of_this_account() -> None:
    policy = GRAPHS["minimal"].of("aws_kms_key")["key"]["policy"]
    open_to_all = [one for one in statements(policy) if one["Principal"] == {"AWS": "*"}]
    assert len(open_to_all) == 2
    for statement in open_to_all:
        held = statement["Condition"]["StringEquals"]
        assert held["kms:CallerAccount"] == "${var.account_id}"
        assert held["aws:PrincipalArn"].endswith(":role/aws-service-role/autoscaling.amazonaws.com/"
                                                 "AWSServiceRoleForAutoScaling")  # fmt: skip
    (logs,) = [one for one in statements(policy) if "Service" in one["Principal"]]
    for group in logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]:
        assert "${var.names." in group
