"""The IAM actions that a build, its updates and its destroy call with the customer's role, as they are simulated.

Which actions there are is written in deploy/iam alone and read from what is generated of it. Each statement is
simulated on the resources and with the conditions that the real calls have, since a policy of least privilege allows
it on those alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.infra_engine.preflight.granted import STATEMENTS
from services.infra_engine.stacks.aws.checks import partition
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.aws.tags import environment_tags
from services.infra_engine.stacks.stack_input import StackInput

_NEW_NETWORK = frozenset(
    {
        "AddressMake",
        "FirewallLockDefault",
        "NetworkChange",
        "NetworkDelete",
        "NetworkMake",
        "NetworkMakeWithin",
        "RouteTableMake",
        "SubnetMake",
        "VpcMake",
    }
)
_NEW_CLUSTER = frozenset({"ClusterMake", "ClusterParts", "ClusterChange", "ClusterDelete"})
_NEW_KEY = frozenset({"KeyMake", "KeyMakeWith", "KeyChange", "KeyName", "KeyDelete", "KeyNameDelete"})
# Called only when the document's boundary changes, and denied on purpose to whom a boundary is forced upon.
_SELDOM = frozenset({"BoundaryChange"})

# By statement, the kinds of what it is about, as `_resources` has them. What is not here is about the whole account.
_EC2_MADE = "elastic-ip internet-gateway natgateway route-table subnet vpc vpc-endpoint vpc-flow-log"
_ABOUT: Mapping[str, str] = {
    "ReadClusters": "cluster access-entry addon nodegroup",
    "ReadIdentities": "roles",
    "ReadUsers": "user",
    "ReadOidc": "oidc",
    "ReadBoundary": "boundary",
    "ReadOwnRights": "own-role",
    "ReadDatabases": "db pg subgrp",
    "ReadCaches": "replicationgroup cache-parameters cache-subnets",
    "ReadKeys": "key",
    "ReadLogs": "logs",
    "ReadBucket": "bucket",
    "ReadState": "state state-object",
    "ReadSecrets": "secrets",
    "ReadKeyUse": "key",
    "NetworkMake": "internet-gateway natgateway vpc-endpoint vpc-flow-log",
    "AddressMake": "elastic-ip",
    "RouteTableMake": "route-table",
    "SubnetMake": "subnet",
    "VpcMake": "vpc",
    "NetworkMakeWithin": "elastic-ip route-table subnet vpc",
    "NetworkChange": "internet-gateway route-table subnet vpc vpc-endpoint",
    "NetworkDelete": _EC2_MADE,
    "FirewallMake": "security-group",
    "FirewallMakeWithin": "vpc",
    "FirewallRules": "security-group-rule",
    "FirewallChange": "security-group",
    "FirewallLockDefault": "security-group",
    "FirewallDelete": "security-group",
    "TemplateMake": "launch-template",
    "TemplateChange": "launch-template",
    "TemplateDelete": "launch-template",
    # IAM refuses to simulate a launch without all that it is of.
    "TemplateLaunch": "image instance launch-template network-interface security-group subnet volume",
    "TagMade": "launch-template security-group",
    "TagOwn": "launch-template security-group",
    "ClusterParts": "cluster",
    "ClusterNodes": "cluster",
    "ClusterChange": "cluster access-entry addon",
    "ClusterDelete": "cluster access-entry addon",
    "ClusterNodesAdmit": "cluster",
    "ClusterNodesChange": "nodegroup node-entry",
    "ClusterNodesDelete": "nodegroup node-entry",
    "ClusterRoles": "roles",
    "FlowLogRole": "flow-log-role",
    "ServiceRoles": "service-role",
    "LogsMake": "logs",
    "LogsDelete": "logs",
    "DatabaseMake": "db pg subgrp",
    "DatabaseDelete": "db pg snapshot subgrp",
    "CacheMake": "replicationgroup cache-parameters cache-subnets",
    "CacheDelete": "replicationgroup cache-parameters cache-subnets",
    "KeyMakeWith": "key",
    "KeyChange": "key",
    "KeyName": "alias",
    "KeyGrant": "key",
    "KeyUse": "key",
    "KeyDelete": "key",
    "KeyNameDelete": "alias",
    "SecretMake": "secrets",
    "SecretDelete": "secrets",
    "BucketMake": "bucket",
    "BucketDelete": "bucket",
    "BucketEmpty": "bucket-object",
    "StateMake": "state",
    "StateWrite": "state-object",
    "RoleMake": "roles",
    "RoleAttach": "roles",
    "RoleDelete": "roles",
    "UserMake": "user",
    "UserKeys": "user",
    "UserDelete": "user",
    "OidcMake": "oidc",
    "OidcDelete": "oidc",
    "DrainByService": "load-balancer",
    "DrainByController": "load-balancer target-group",
}


@dataclass(frozen=True)
class ActionGroup:
    """Actions that are simulated together, on each of `resources`, with conditions by key."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    context: Mapping[str, str] = field(default_factory=dict)


def action_groups(stack_input: StackInput) -> tuple[ActionGroup, ...]:
    """What this document's build calls; nothing for what it leaves to the customer."""
    resources = _resources(stack_input)
    common = _context(stack_input)
    merged: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for statement, actions in STATEMENTS.items():
        if statement in _not_called(stack_input):
            continue
        about = tuple(arn for kind in _ABOUT.get(statement, "").split() for arn in resources[kind]) or ("*",)
        # The one key whose value is not the same in all statements.
        passed_to = "vpc-flow-logs.amazonaws.com" if statement == "FlowLogRole" else "eks.amazonaws.com"
        merged.setdefault((about, passed_to), set()).update(actions)
    return tuple(
        ActionGroup(tuple(sorted(actions)), about, {**common, "iam:PassedToService": passed_to})
        for (about, passed_to), actions in merged.items()
    )


def _not_called(stack_input: StackInput) -> frozenset[str]:
    makes_cluster = stack_input.cluster.existing_name is None
    left_out = _SELDOM
    if makes_cluster or not stack_input.cluster.existing_access_entries:
        left_out |= {"ClusterNodesAdmit"}
    if not makes_cluster:
        left_out |= _NEW_CLUSTER
        if not stack_input.cluster.create_oidc_provider:
            left_out |= {"OidcMake", "OidcDelete"}
    if not makes_cluster or stack_input.network.existing_vpc_id is not None:
        left_out |= _NEW_NETWORK
    if stack_input.kms_key_arn is not None:
        left_out |= _NEW_KEY
    if stack_input.permissions_boundary_arn is None:
        left_out |= {"ReadBoundary"}
    if not stack_input.network.flow_logs:
        left_out |= {"FlowLogRole"}
    return left_out


def _context(stack_input: StackInput) -> dict[str, str]:
    """Conditions of all calls in one: those that a call does not have are asked for by no statement about it."""
    account, region = stack_input.account.account_id, stack_input.account.region
    boundary, name = stack_input.permissions_boundary_arn, partition(region)
    names = resource_names(stack_input)
    tags = environment_tags(stack_input)
    return {
        "aws:RequestedRegion": region,
        **{f"{kind}/{key}": value for key, value in tags.items() for kind in ("aws:RequestTag", "aws:ResourceTag")},
        # What is drained carries the controllers' tags, not ours.
        "aws:ResourceTag/kubernetes.io/service-name": "beta9/gateway",
        "aws:ResourceTag/elbv2.k8s.aws/cluster": names["cluster"],
        "ec2:CreateAction": "CreateLaunchTemplate",
        "ec2:LaunchTemplate": f"arn:{name}:ec2:{region}:{account}:launch-template/lt-0",
        "eks:accessEntryType": "EC2_LINUX",
        "eks:principalArn": f"arn:{name}:iam::{account}:role/{names['node_role']}",
        "iam:AWSServiceName": "eks.amazonaws.com",
        "iam:PolicyARN": f"arn:{name}:iam::aws:policy/AmazonEKSClusterPolicy",
        "kms:GrantIsForAWSResource": "true",
        "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
        **({"iam:PermissionsBoundary": boundary} if boundary else {}),
    }


def _resources(stack_input: StackInput) -> dict[str, tuple[str, ...]]:
    """ARNs by kind: their names are the real ones; of what AWS names, the id is made up."""
    account, region = stack_input.account.account_id, stack_input.account.region
    names, uid, name = resource_names(stack_input), stack_input.uid, partition(region)
    cluster, state = names["cluster"], f"beta9-tf-state-{account}-{region}"

    def arn(service: str, resource: str) -> tuple[str, ...]:
        return (f"arn:{name}:{service}:{region}:{account}:{resource}",)

    def iam(resource: str) -> tuple[str, ...]:
        return (f"arn:{name}:iam::{account}:{resource}",)

    def s3(path: str) -> tuple[str, ...]:
        return (f"arn:{name}:s3:::{path}",)

    ec2 = f"{_EC2_MADE} instance launch-template network-interface security-group security-group-rule volume"
    return {
        **{kind: arn("ec2", f"{kind}/simulated-0") for kind in ec2.split()},
        "image": (f"arn:{name}:ec2:{region}::image/ami-0",),
        "cluster": arn("eks", f"cluster/{cluster}"),
        "access-entry": arn("eks", f"access-entry/{cluster}/role/{account}/provisioner/0"),
        "addon": arn("eks", f"addon/{cluster}/vpc-cni/0"),
        "node-entry": arn("eks", f"access-entry/{cluster}/role/{account}/{names['node_role']}/0"),
        "nodegroup": arn("eks", f"nodegroup/{cluster}/{names['base']}-system-0/0"),
        "roles": iam(f"role/{names['cluster_role']}") + iam(f"role/{names['node_role']}"),
        "flow-log-role": iam(f"role/{names['flow_log_role']}"),
        "service-role": iam("role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"),
        "own-role": (stack_input.account.role_arn,),
        "user": iam(f"user/{names['workspace_storage_user']}"),
        "oidc": iam(f"oidc-provider/oidc.eks.{region}.amazonaws.com/id/0"),
        "boundary": (stack_input.permissions_boundary_arn or "*",),
        "db": arn("rds", f"db:{names['database']}"),
        "pg": arn("rds", f"pg:{names['database_parameters']}"),
        "subgrp": arn("rds", f"subgrp:{names['database']}"),
        "snapshot": arn("rds", f"snapshot:{names['final_snapshot']}"),
        "replicationgroup": arn("elasticache", f"replicationgroup:{names['cache']}"),
        "cache-parameters": arn("elasticache", f"parametergroup:{names['cache_parameters']}"),
        "cache-subnets": arn("elasticache", f"subnetgroup:{names['cache']}"),
        "key": (stack_input.kms_key_arn,) if stack_input.kms_key_arn else arn("kms", "key/simulated-0"),
        "alias": arn("kms", names["key_alias"]),
        "logs": arn("logs", f"log-group:{names['cluster_log_group']}")
        + arn("logs", f"log-group:{names['flow_log_group']}"),
        "secrets": arn("secretsmanager", f"secret:{names['database_secret']}-AbCdEf")
        + arn("secretsmanager", f"secret:beta9/environments/{uid}/encryption-key-AbCdEf"),
        "bucket": s3(names["bucket"]),
        "bucket-object": s3(f"{names['bucket']}/simulated"),
        "state": s3(state),
        "state-object": s3(f"{state}/simulated"),
        "load-balancer": arn("elasticloadbalancing", "loadbalancer/net/simulated/0"),
        "target-group": arn("elasticloadbalancing", "targetgroup/simulated/0"),
    }
