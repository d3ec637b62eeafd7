"""What calls are simulated on and with: the resources of a document by their real names, and the calls' conditions."""

from services.infra_engine.stacks.aws.checks import partition
from services.infra_engine.stacks.aws.names import resource_names, state_bucket
from services.infra_engine.stacks.aws.tags import environment_tags
from services.infra_engine.stacks.stack_input import StackInput

EC2_MADE = "elastic-ip internet-gateway natgateway route-table subnet vpc vpc-endpoint vpc-flow-log"
"""Kinds of what a network of our own is made of."""


def context_of(stack_input: StackInput) -> dict[str, str]:
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


def resources_of(stack_input: StackInput) -> dict[str, tuple[str, ...]]:
    """ARNs by kind: their names are the real ones; of what AWS names, the id is made up."""
    account, region = stack_input.account.account_id, stack_input.account.region
    names, uid, name = resource_names(stack_input), stack_input.uid, partition(region)
    cluster, state = names["cluster"], state_bucket(stack_input) or "none"

    def arn(service: str, resource: str) -> tuple[str, ...]:
        return (f"arn:{name}:{service}:{region}:{account}:{resource}",)

    def iam(resource: str) -> tuple[str, ...]:
        return (f"arn:{name}:iam::{account}:{resource}",)

    def s3(path: str) -> tuple[str, ...]:
        return (f"arn:{name}:s3:::{path}",)

    ec2 = f"{EC2_MADE} instance launch-template network-interface security-group security-group-rule volume"
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
        "lock-table": arn("dynamodb", f"table/{stack_input.state.lock_table}"),
        "load-balancer": arn("elasticloadbalancing", "loadbalancer/net/simulated/0"),
        "target-group": arn("elasticloadbalancing", "targetgroup/simulated/0"),
    }
