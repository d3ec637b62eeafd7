"""The IAM actions that a build, its updates and its destroy call with the customer's role, as they are simulated.

Which actions there are is written in deploy/iam alone and read from what is generated of it. Each statement is
simulated on the resources and with the conditions that the real calls have, since a policy of least privilege allows
it on those alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.infra_engine.preflight.granted import STATEMENTS
from services.infra_engine.preflight.simulated import EC2_MADE, context_of, resources_of
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
_STATE = frozenset({"ReadState", "StateMake", "StateWrite"})
# What no policy of deploy/iam grants, because nothing is known of what a customer names: by kind, as in `_ABOUT`.
_OF_NAMED_BUCKET = {"state": ("s3:GetBucketTagging", "s3:GetBucketVersioning")}
_OF_LOCK_TABLE = {
    "lock-table": ("dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem")
}
# Called only when the document's boundary changes, and denied on purpose to whom a boundary is forced upon.
_SELDOM = frozenset({"BoundaryChange"})

# By statement, the kinds of what it is about. What is not here is about the whole account.
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
    "NetworkDelete": EC2_MADE,
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
    resources = resources_of(stack_input)
    common = context_of(stack_input)
    merged: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for statement, actions in STATEMENTS.items():
        if statement in _not_called(stack_input):
            continue
        about = tuple(arn for kind in _ABOUT.get(statement, "").split() for arn in resources[kind]) or ("*",)
        # The one key whose value is not the same in all statements.
        passed_to = "vpc-flow-logs.amazonaws.com" if statement == "FlowLogRole" else "eks.amazonaws.com"
        merged.setdefault((about, passed_to), set()).update(actions)
    for kind, of_theirs in _of_state(stack_input).items():
        merged.setdefault((resources[kind], "eks.amazonaws.com"), set()).update(of_theirs)
    return tuple(
        ActionGroup(tuple(sorted(actions)), about, {**common, "iam:PassedToService": passed_to})
        for (about, passed_to), actions in merged.items()
    )


def _of_state(stack_input: StackInput) -> Mapping[str, tuple[str, ...]]:
    """What is called of a bucket or table for the state that the document names, beside what is called of ours."""
    state = stack_input.state
    return {**(_OF_NAMED_BUCKET if state.bucket else {}), **(_OF_LOCK_TABLE if state.lock_table else {})}


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
    if not stack_input.state.in_s3:
        left_out |= _STATE
    elif stack_input.state.bucket is not None:
        # It may be there: whether it has to be made is seen right behind the pre-flight.
        left_out |= {"StateMake"}
    return left_out
