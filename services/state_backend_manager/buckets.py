"""The state bucket in a customer's account, made once and the same ever after. Blocking: call it in a thread."""

import json
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import s3_client
from libs.failures import Actor, Failure, Kind

# How long superseded versions of a state are kept, in days: long enough to look into what happened last quarter.
_NONCURRENT_DAYS = 180


def bucket_name(access: AwsAccess) -> str:
    """One bucket an account and region, by the name that earlier releases' operators know."""
    return f"beta9-tf-state-{access.account_id}-{access.region}"


class Buckets:
    """Makes and mends state buckets."""

    def __init__(self, *, path_style: bool) -> None:
        self._path_style = path_style

    def ensure(self, access: AwsAccess) -> str:
        """The name of the account's state bucket, which is there, versioned, encrypted, private and TLS-only after.

        Idempotent; a bucket that lost one of these is mended. Raises Failure.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        name = bucket_name(access)
        client = s3_client(access, "state-backend-manager", path_style=self._path_style)
        try:
            self._create(client, name, access)
            self._protect(client, name, access)
        except (ClientError, BotoCoreError) as error:
            raise aws_failure(error, access, f"make the state bucket {name}", f"arn:aws:s3:::{name}") from error
        return name

    @staticmethod
    def _create(client: Any, name: str, access: AwsAccess) -> None:
        arguments: dict[str, Any] = {"Bucket": name, "ObjectOwnership": "BucketOwnerEnforced"}
        # us-east-1 is the one region that must not be named as a location constraint.
        if access.region != "us-east-1":
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": access.region}
        try:
            client.head_bucket(Bucket=name, ExpectedBucketOwner=access.account_id)
        except Exception as error:
            code = error_code(error)
            if code in ("403", "AccessDenied", "Forbidden"):
                raise _not_usable(name) from error
            if code not in ("404", "NoSuchBucket", "NotFound"):
                raise
            try:
                client.create_bucket(**arguments)
            except Exception as conflict:
                if error_code(conflict) == "BucketAlreadyExists":
                    raise _not_usable(name) from conflict
                if error_code(conflict) != "BucketAlreadyOwnedByYou":
                    raise

    @staticmethod
    def _protect(client: Any, name: str, access: AwsAccess) -> None:
        owned = {"Bucket": name, "ExpectedBucketOwner": access.account_id}
        client.put_bucket_versioning(**owned, VersioningConfiguration={"Status": "Enabled"})
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
        client.put_bucket_encryption(**owned, ServerSideEncryptionConfiguration={"Rules": [default]})
        client.put_public_access_block(
            **owned,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        client.put_bucket_policy(**owned, Policy=json.dumps(_tls_only(name, access.partition)))
        rule = {
            "ID": "expire-superseded-state",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": _NONCURRENT_DAYS},
        }
        client.put_bucket_lifecycle_configuration(**owned, LifecycleConfiguration={"Rules": [rule]})
        tags = [{"Key": "ManagedBy", "Value": "beta9-provisioning"}]
        client.put_bucket_tagging(**owned, Tagging={"TagSet": tags})


def _not_usable(name: str) -> Failure:
    """Bucket names are the world's, and S3 says no more than 403 of a bucket that is not the caller's."""
    return Failure(
        "STATE_BUCKET_NOT_USABLE",
        f"The state bucket {name} is another account's, or the role may not use it.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=f"Allow the role s3:* on arn:aws:s3:::{name}; if it is not in your account, tell us.",
        resource_address=f"arn:aws:s3:::{name}",
    )


def _tls_only(name: str, partition: str) -> dict[str, object]:
    bucket = f"arn:{partition}:s3:::{name}"
    statement = {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
