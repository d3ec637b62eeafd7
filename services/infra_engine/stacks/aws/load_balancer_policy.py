"""What the AWS Load Balancer Controller may do, as its own installation guide asks: the same actions, and for each the
tag by which the controller knows its own.

Left out is what belongs to features that Beta9's gateway does not use: Cognito, WAF and Shield, which are switched off
in the controller's settings.
"""

_TAG = "elbv2.k8s.aws/cluster"
# The tag is on the resource, or is being put on it.
_OURS: dict[str, object] = {"Null": {f"aws:ResourceTag/{_TAG}": "false"}}
_BECOMES_OURS: dict[str, object] = {"Null": {f"aws:RequestTag/{_TAG}": "false"}}
_STAYS_OURS: dict[str, object] = {
    "Null": {f"aws:RequestTag/{_TAG}": "true", f"aws:ResourceTag/{_TAG}": "false"},
}

_EC2_LOOKS = [
    "AccountAttributes",
    "Addresses",
    "AvailabilityZones",
    "CoipPools",
    "Instances",
    "InternetGateways",
    "IpamPools",
    "NetworkInterfaces",
    "RouteTables",
    "SecurityGroups",
    "Subnets",
    "Tags",
    "VpcPeeringConnections",
    "Vpcs",
]
_ELB_LOOKS = [
    "CapacityReservation",
    "ListenerAttributes",
    "ListenerCertificates",
    "Listeners",
    "LoadBalancerAttributes",
    "LoadBalancers",
    "Rules",
    "SSLPolicies",
    "Tags",
    "TargetGroupAttributes",
    "TargetGroups",
    "TargetHealth",
    "TrustStores",
]
_CHANGES = [
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "ModifyCapacityReservation",
    "ModifyIpPools",
    "ModifyListenerAttributes",
    "ModifyLoadBalancerAttributes",
    "ModifyTargetGroup",
    "ModifyTargetGroupAttributes",
    "SetIpAddressType",
    "SetSecurityGroups",
    "SetSubnets",
]
_LISTENERS = [
    "AddListenerCertificates",
    "CreateListener",
    "CreateRule",
    "DeleteListener",
    "DeleteRule",
    "ModifyListener",
    "ModifyRule",
    "RemoveListenerCertificates",
    "SetRulePriorities",
]
_CREATIONS = ["CreateLoadBalancer", "CreateTargetGroup"]
_FOR_BALANCERS: dict[str, object] = {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}


def load_balancer_statements(partition: str) -> list[dict[str, object]]:
    """Statements of an identity policy; `partition` is a reference or a name."""
    groups = f"arn:{partition}:ec2:*:*:security-group/*"
    balancers = f"arn:{partition}:elasticloadbalancing:*:*"
    tagged = [f"{balancers}:{kind}/*/*" for kind in ("targetgroup", "loadbalancer/net", "loadbalancer/app")]
    parts = [f"{balancers}:{kind}/{of}/*/*/*" for kind in ("listener", "listener-rule") for of in ("net", "app")]
    on_creation = {**_BECOMES_OURS, "StringEquals": {"elasticloadbalancing:CreateAction": _CREATIONS}}
    group_creation = {**_BECOMES_OURS, "StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
    return [
        _allow(["iam:CreateServiceLinkedRole"], "*", _FOR_BALANCERS),
        _allow(["ec2:GetCoipPoolUsage", "ec2:GetSecurityGroupsForVpc", *_prefixed("ec2:Describe", _EC2_LOOKS)]),
        _allow(_prefixed("elasticloadbalancing:Describe", _ELB_LOOKS)),
        _allow(["acm:DescribeCertificate", "acm:ListCertificates"]),
        _allow(["iam:GetServerCertificate", "iam:ListServerCertificates"]),
        # Nodes' groups are not its own, and it must open them to the load balancer.
        _allow(["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupIngress"]),
        _allow(["ec2:CreateTags"], groups, group_creation),
        _allow(["ec2:CreateTags", "ec2:DeleteTags"], groups, _STAYS_OURS),
        _allow(["ec2:DeleteSecurityGroup"], "*", _OURS),
        _allow(_prefixed("elasticloadbalancing:", ["CreateLoadBalancer", "CreateTargetGroup"]), "*", _BECOMES_OURS),
        _allow(_prefixed("elasticloadbalancing:", _LISTENERS)),
        _allow(["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"], tagged, _STAYS_OURS),
        _allow(["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"], parts),
        _allow(["elasticloadbalancing:AddTags"], tagged, on_creation),
        _allow(_prefixed("elasticloadbalancing:", _CHANGES), "*", _OURS),
        _allow(_prefixed("elasticloadbalancing:", ["DeregisterTargets", "RegisterTargets"]), tagged[:1]),
    ]


def _prefixed(prefix: str, names: list[str]) -> list[str]:
    return [f"{prefix}{name}" for name in names]


def _allow(
    actions: list[str], resource: str | list[str] = "*", condition: dict[str, object] | None = None
) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement
