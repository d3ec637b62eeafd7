"""Roles of the two controllers that act in AWS for the cluster, by their service accounts in kube-system.

The cluster autoscaler sets the size of this cluster's node groups and of no others: EKS tags their Auto Scaling groups
with the cluster's name. The load balancer controller makes and deletes load balancers; what it may change is told apart
by the tag that it puts on what it makes.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.identity import build_pod_role
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.load_balancer_policy import load_balancer_statements
from services.infra_engine.stacks.aws.policies import document
from services.infra_engine.stacks.bindings import aws, create

_LOOKS = [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
]

role_policy = aws("iam_role_policy")


def build_autoscaler_role(stack: Any, inputs: Inputs, cluster: Cluster) -> None:
    role = build_pod_role(stack, inputs, cluster, "cluster_autoscaler_role", "kube-system:cluster-autoscaler")
    create(
        stack,
        role_policy.IamRolePolicy,
        "cluster_autoscaler",
        name="node-groups",
        role=role.ref("name"),
        policy=document(
            {"Effect": "Allow", "Action": _LOOKS, "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": "eks:DescribeNodegroup",
                "Resource": inputs.arn("eks", f"nodegroup/{inputs.name('cluster')}/*/*"),
            },
            {
                "Effect": "Allow",
                "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
                "Resource": inputs.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
                "Condition": {
                    "StringEquals": {
                        f"aws:ResourceTag/k8s.io/cluster-autoscaler/{inputs.name('cluster')}": "owned",
                    }
                },
            },
        ),
    )


def build_load_balancer_role(stack: Any, inputs: Inputs, cluster: Cluster) -> None:
    account = "kube-system:aws-load-balancer-controller"
    role = build_pod_role(stack, inputs, cluster, "load_balancer_role", account)
    create(
        stack,
        role_policy.IamRolePolicy,
        "load_balancer",
        name="load-balancers",
        role=role.ref("name"),
        policy=document(*load_balancer_statements(inputs.text("partition"))),
    )
