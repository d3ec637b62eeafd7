"""Who the pods of Beta9 are in AWS: the role of the gateway and its workers, and the user for workspace buckets.

The chart runs the gateway under the service account beta9, and the gateway starts its workers under default; both may
read and write the environment's bucket, and nothing else. Beta9 makes one bucket a workspace, and takes static keys
alone for that: a user that is confined to the buckets of the environment's own prefix.
"""

from typing import Any

from services.infra_engine.stacks.aws.cluster import Cluster
from services.infra_engine.stacks.aws.encryption import Encryption, key_use
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
iam_user = aws("iam_user")
user_policy = aws("iam_user_policy")


def build_pod_role(stack: Any, inputs: Inputs, cluster: Cluster, label: str, *accounts: str) -> Resource:
    """A role for service accounts (`namespace:name`) of the cluster; `label` is its name's key too."""
    return create(
        stack,
        iam_role.IamRole,
        label,
        name=inputs.name(label),
        assume_role_policy=assumed_by_service_accounts(cluster.oidc.arn, cluster.oidc.issuer, *accounts),
        permissions_boundary=inputs.boundary(),
    )


def build_gateway_role(
    stack: Any, inputs: Inputs, cluster: Cluster, bucket: Resource, encryption: Encryption
) -> Resource:
    """What the gateway and the workers may do in AWS: read and write the environment's bucket."""
    role = build_pod_role(stack, inputs, cluster, "gateway_role", *GATEWAY_ACCOUNTS)
    by_s3 = {"kms:ViaService": f"s3.{inputs.text('region')}.amazonaws.com"}
    create(
        stack,
        role_policy.IamRolePolicy,
        "gateway_bucket",
        name="bucket",
        role=role.ref("name"),
        policy=document(
            {"Effect": "Allow", "Action": _BUCKET_ACTIONS, "Resource": bucket.ref("arn")},
            {"Effect": "Allow", "Action": _OBJECT_ACTIONS, "Resource": f"{bucket.ref('arn')}/*"},
            key_use(encryption, ["kms:Decrypt", "kms:GenerateDataKey"], StringEquals=by_s3),
        ),
    )
    return role


def build_workspace_storage_user(stack: Any, inputs: Inputs) -> Resource:
    """Its keys are not made here: `aws_iam_access_key` keeps the secret in the state. Whoever installs Beta9 does."""
    user = create(
        stack,
        iam_user.IamUser,
        "workspace_storage",
        name=inputs.name("workspace_storage_user"),
        permissions_boundary=inputs.boundary(),
        # Keys made outside Terraform must not stop a destroy.
        force_destroy=True,
    )
    buckets = f"arn:{inputs.text('partition')}:s3:::{inputs.name('workspace_bucket_prefix')}-*"
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
