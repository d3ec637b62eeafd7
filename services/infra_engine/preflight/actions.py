"""The IAM actions that a build, its updates and its destroy call with the customer's role, as they are simulated.

Each group is simulated with the resources and conditions that the real calls have, since a policy of least privilege
allows them on those alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.aws.tags import environment_tags
from services.infra_engine.stacks.stack_input import StackInput

_EC2_NETWORK = (
    "AllocateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress"
    " AuthorizeSecurityGroupIngress CreateInternetGateway CreateNatGateway CreateRoute CreateRouteTable"
    " CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEndpoint DeleteInternetGateway DeleteNatGateway"
    " DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteVpc DeleteVpcEndpoints"
    " DetachInternetGateway DisassociateRouteTable ModifySubnetAttribute ModifyVpcAttribute ReleaseAddress"
    " RevokeSecurityGroupEgress RevokeSecurityGroupIngress"
)
_EC2_READ = (
    "DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeInternetGateways"
    " DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNatGateways DescribeNetworkAcls"
    " DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables DescribeSecurityGroupRules"
    " DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcEndpoints DescribeVpcs"
)
_EKS = (
    "AssociateAccessPolicy CreateAccessEntry CreateAddon CreateCluster CreateNodegroup DeleteAccessEntry DeleteAddon"
    " DeleteCluster DeleteNodegroup DescribeAccessEntry DescribeAddon DescribeCluster DescribeNodegroup DescribeUpdate"
    " DisassociateAccessPolicy ListAssociatedAccessPolicies ListTagsForResource TagResource UntagResource UpdateAddon"
    " UpdateClusterConfig UpdateClusterVersion UpdateNodegroupConfig UpdateNodegroupVersion"
)
_IAM_ROLES = (
    "AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy"
    " ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies PutRolePolicy TagRole"
    " UpdateAssumeRolePolicy"
)
_IAM_USER = (
    "CreateAccessKey CreateUser DeleteAccessKey DeleteUser DeleteUserPolicy GetUser GetUserPolicy ListAccessKeys"
    " ListAttachedUserPolicies ListGroupsForUser ListUserPolicies PutUserPolicy TagUser"
)
_RDS = (
    "AddTagsToResource CreateDBInstance CreateDBParameterGroup CreateDBSubnetGroup DeleteDBInstance"
    " DeleteDBParameterGroup DeleteDBSubnetGroup DescribeDBInstances DescribeDBParameterGroups DescribeDBParameters"
    " DescribeDBSubnetGroups ListTagsForResource ModifyDBInstance ModifyDBParameterGroup ModifyDBSubnetGroup"
    " RemoveTagsFromResource"
)
_ELASTICACHE = (
    "AddTagsToResource CreateCacheParameterGroup CreateCacheSubnetGroup CreateReplicationGroup"
    " DecreaseReplicaCount DeleteCacheParameterGroup DeleteCacheSubnetGroup DeleteReplicationGroup"
    " DescribeCacheClusters DescribeCacheParameterGroups DescribeCacheParameters DescribeCacheSubnetGroups"
    " DescribeReplicationGroups IncreaseReplicaCount ListTagsForResource ModifyCacheParameterGroup"
    " ModifyReplicationGroup RemoveTagsFromResource"
)
_S3 = (
    "CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration GetBucketAcl GetBucketCORS"
    " GetBucketLocation GetBucketLogging GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy"
    " GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite"
    " GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration ListBucket"
    " ListBucketVersions PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging"
    " PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration"
)
_KMS = (
    "CreateAlias DeleteAlias DescribeKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags"
    " PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource CreateGrant"
)
_SECRETS = (
    "CreateSecret DeleteSecret DescribeSecret GetResourcePolicy GetSecretValue ListSecretVersionIds PutSecretValue"
    " RestoreSecret TagResource UntagResource UpdateSecret"
)
_LOGS = "CreateLogGroup DeleteLogGroup ListTagsForResource PutRetentionPolicy TagResource UntagResource"
_TEMPLATES = "CreateLaunchTemplate CreateLaunchTemplateVersion DeleteLaunchTemplate ModifyLaunchTemplate RunInstances"


@dataclass(frozen=True)
class ActionGroup:
    """Actions that are simulated together, on each of `resources`, with conditions by key."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    context: Mapping[str, str] = field(default_factory=dict)


def action_groups(stack_input: StackInput) -> tuple[ActionGroup, ...]:
    """What this document's build calls; nothing for what it leaves to the customer."""
    account, region = stack_input.account.account_id, stack_input.account.region
    names = resource_names(stack_input)
    here = f"{region}:{account}"
    roles = tuple(f"arn:aws:iam::{account}:role/{names[one]}" for one in ("cluster_role", "node_role"))
    makes_cluster = stack_input.cluster.existing_name is None
    makes_network = makes_cluster and stack_input.network.existing_vpc_id is None
    boundary = stack_input.permissions_boundary_arn
    users = (f"arn:aws:iam::{account}:user/{names['workspace_storage_user']}",)
    bounded = {"iam:PermissionsBoundary": boundary} if boundary else {}
    cluster_parts = [f"cluster/{names['cluster']}"] if makes_cluster else []
    groups = [
        ActionGroup(_of("ec2", _EC2_READ)),
        ActionGroup(_of("ec2", _TEMPLATES)),
        ActionGroup(_of("iam", _IAM_ROLES), roles, bounded),
        ActionGroup(_of("iam", _IAM_USER), users, bounded),
        ActionGroup(
            ("iam:PassRole",), roles if makes_cluster else roles[1:], {"iam:PassedToService": "eks.amazonaws.com"}
        ),
        ActionGroup(_of("rds", _RDS), (f"arn:aws:rds:{here}:db:{names['database']}",)),
        ActionGroup(
            _of("elasticache", _ELASTICACHE), (f"arn:aws:elasticache:{here}:replicationgroup:{names['cache']}",)
        ),
        ActionGroup(_of("s3", _S3), (f"arn:aws:s3:::{names['bucket']}",)),
        ActionGroup(
            _of("secretsmanager", _SECRETS),
            (f"arn:aws:secretsmanager:{here}:secret:{names['database_secret']}-AbCdEf",),
        ),
        ActionGroup(_of("logs", _LOGS), (f"arn:aws:logs:{here}:log-group:{names['cluster_log_group']}",)),
        ActionGroup(_of("eks", _EKS), tuple(f"arn:aws:eks:{here}:{one}" for one in cluster_parts) or ("*",)),
    ]
    if makes_network:
        groups.append(ActionGroup(_of("ec2", _EC2_NETWORK)))
    if stack_input.kms_key_arn is None:
        groups.append(ActionGroup(("kms:CreateKey",)))
        groups.append(ActionGroup(_of("kms", _KMS), (f"arn:aws:kms:{here}:key/00000000-0000-0000-0000-000000000000",)))
    else:
        groups.append(ActionGroup(("kms:DescribeKey", "kms:CreateGrant"), (stack_input.kms_key_arn,)))
    tags = environment_tags(stack_input)
    common = {"aws:RequestedRegion": region} | {
        f"{kind}/{key}": value for key, value in tags.items() for kind in ("aws:RequestTag", "aws:ResourceTag")
    }
    return tuple(ActionGroup(one.actions, one.resources, {**common, **one.context}) for one in groups)


def _of(service: str, words: str) -> tuple[str, ...]:
    return tuple(f"{service}:{word}" for word in words.split())
