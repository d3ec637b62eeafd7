"""The environment's bucket: the bucket, who owns its objects, that it is never public, its encryption, versions, what
becomes of old ones, and a policy that admits TLS alone.

Live objects hold Beta9's files and never expire.
"""

from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.policies import document
from services.infra_engine.stacks.bindings import Resource, aws, create

_UPLOAD_DAYS = 7

s3_bucket = aws("s3_bucket")
ownership = aws("s3_bucket_ownership_controls")
public_access = aws("s3_bucket_public_access_block")
sse = aws("s3_bucket_server_side_encryption_configuration")
versioning = aws("s3_bucket_versioning")
lifecycle = aws("s3_bucket_lifecycle_configuration")
policy = aws("s3_bucket_policy")


def build_object_store(stack: Any, inputs: Inputs, encryption: Encryption) -> Resource:
    """The bucket. It goes with the environment, whatever is in it."""
    bucket = create(stack, s3_bucket.S3Bucket, "bucket", bucket=inputs.name("bucket"), force_destroy=True)
    create(
        stack,
        ownership.S3BucketOwnershipControls,
        "bucket_ownership",
        bucket=bucket.ref("id"),
        rule=ownership.S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
    )
    closed = create(
        stack,
        public_access.S3BucketPublicAccessBlock,
        "bucket_private",
        bucket=bucket.ref("id"),
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    _encrypt(stack, bucket, encryption)
    versions = create(
        stack,
        versioning.S3BucketVersioningA,
        "bucket_versioning",
        bucket=bucket.ref("id"),
        versioning_configuration=versioning.S3BucketVersioningVersioningConfiguration(
            status=inputs.text("bucket_versioning")
        ),
    )
    _expire(stack, inputs, bucket, versions)
    create(
        stack,
        policy.S3BucketPolicy,
        "bucket_tls",
        bucket=bucket.ref("id"),
        policy=document(
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket.ref("arn"), f"{bucket.ref('arn')}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
        # S3 refuses two of these changes to one bucket at the same time.
        depends_on=[closed],
    )
    return bucket


def _encrypt(stack: Any, bucket: Resource, encryption: Encryption) -> None:
    rule = sse.S3BucketServerSideEncryptionConfigurationRuleA(
        apply_server_side_encryption_by_default=(
            sse.S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                sse_algorithm="aws:kms", kms_master_key_id=encryption.key_arn
            )
        ),
        # One call to KMS for many objects instead of one for each.
        bucket_key_enabled=True,
    )
    create(
        stack,
        sse.S3BucketServerSideEncryptionConfigurationA,
        "bucket_encryption",
        bucket=bucket.ref("id"),
        rule=[rule],
    )


def _expire(stack: Any, inputs: Inputs, bucket: Resource, versions: Resource) -> None:
    """Old versions and abandoned uploads go; live objects hold Beta9's files and never expire."""
    rule = lifecycle.S3BucketLifecycleConfigurationRule(
        id="old-versions",
        status="Enabled",
        filter=[lifecycle.S3BucketLifecycleConfigurationRuleFilter(prefix="")],
        noncurrent_version_expiration=[
            lifecycle.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                noncurrent_days=inputs.number("bucket_lifecycle_days")
            )
        ],
        abort_incomplete_multipart_upload=[
            lifecycle.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                days_after_initiation=_UPLOAD_DAYS
            )
        ],
    )
    create(
        stack,
        lifecycle.S3BucketLifecycleConfiguration,
        "bucket_lifecycle",
        bucket=bucket.ref("id"),
        rule=[rule],
        depends_on=[versions],
    )
