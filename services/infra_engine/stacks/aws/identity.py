"""Roles that pods assume by their service account (IRSA), and the user whose keys Beta9 needs for workspace buckets."""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.policies import assumed_by_service_accounts, document
from services.infra_engine.stacks.bindings import Resource, aws, create

# The chart's service account, and the one under which the gateway starts its worker jobs.
GATEWAY_ACCOUNTS = ("beta9:beta9", "beta9:default")

_OBJECT_ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
]
_BUCKET_ACTIONS = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]

iam_role = aws("iam_role")
role_policy = aws("iam_role_policy")
attachment = aws("iam_role_policy_attachment")
iam_user = aws("iam_user")
user_policy = aws("iam_user_policy")


def build_addon_role(
    stack: Any, inputs: Inputs, cluster: Cluster, addon: str, account: str, policy_arn: str
) -> tuple[Resource, Resource]:
    """A role for an add-on's service account with one AWS-managed policy: the role and the attachment."""
    role = create(
        stack,
        iam_role.IamRole,
        f"{addon}_role",
        name=inputs.name(f"{addon}_role"),
        assume_role_policy=assumed_by_service_accounts(cluster.oidc.ref("arn"), cluster.issuer, account),
    )
    may = create(
        stack,
        attachment.IamRolePolicyAttachment,
        f"{addon}_role_policy",
        role=role.ref("name"),
        policy_arn=policy_arn,
    )
    return role, may


def build_gateway_role(stack: Any, inputs: Inputs, cluster: Cluster, bucket: Resource) -> Resource:
    """What the gateway and the workers may do in AWS: read and write the environment's bucket."""
    role = create(
        stack,
        iam_role.IamRole,
        "gateway_role",
        name=inputs.name("gateway_role"),
        assume_role_policy=assumed_by_service_accounts(cluster.oidc.ref("arn"), cluster.issuer, *GATEWAY_ACCOUNTS),
    )
    create(
        stack,
        role_policy.IamRolePolicy,
        "gateway_bucket",
        name="bucket",
        role=role.ref("name"),
        policy=document(
            {"Effect": "Allow", "Action": _BUCKET_ACTIONS, "Resource": bucket.ref("arn")},
            {"Effect": "Allow", "Action": _OBJECT_ACTIONS, "Resource": f"{bucket.ref('arn')}/*"},
        ),
    )
    return role


def build_workspace_storage_user(stack: Any, inputs: Inputs) -> Resource:
    """Beta9 makes one bucket a workspace and takes static keys alone for that.

    The keys are not made here: `aws_iam_access_key` keeps its secret in the state. Whoever installs Beta9 makes them.
    """
    user = create(
        stack,
        iam_user.IamUser,
        "workspace_storage",
        name=inputs.name("workspace_storage_user"),
        # Keys made outside Terraform must not stop a destroy.
        force_destroy=True,
    )
    buckets = f"arn:aws:s3:::{inputs.name('workspace_bucket_prefix')}-*"
    create(
        stack,
        user_policy.IamUserPolicy,
        "workspace_storage_buckets",
        name="workspace-buckets",
        user=user.ref("name"),
        policy=document(
            {
                "Effect": "Allow",
                "Action": ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketCORS", *_BUCKET_ACTIONS],
                "Resource": buckets,
            },
            {"Effect": "Allow", "Action": _OBJECT_ACTIONS, "Resource": f"{buckets}/*"},
        ),
    )
    return user
