"""The state bucket in a customer's account, made once and the same ever after. Blocking: call it in a thread."""

import json
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import s3_client
from libs.failures import Actor, Failure, Kind

RETENTION_DAYS = 180
"""How long superseded versions are kept unless the document says otherwise: long enough to look into last quarter."""
_TAG = {"Key": "ManagedBy", "Value": "beta9-provisioning"}


def bucket_name(access: AwsAccess) -> str:
    """One bucket an account and region, by the name that earlier releases' operators know."""
    return f"beta9-tf-state-{access.account_id}-{access.region}"


class Buckets:
    """Makes and mends state buckets."""

    def __init__(self, *, path_style: bool) -> None:
        self._path_style = path_style

    def ensure(self, access: AwsAccess, name: str, days: int = RETENTION_DAYS) -> bool:
        """Makes a state bucket be there, versioned, encrypted, private and TLS-only, its versions kept for `days`.

        Idempotent; a bucket of ours that lost one of these is mended. One that the customer made and the document names
        stays as it is, and answers False. Raises Failure.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        client = s3_client(access, "state-backend-manager", path_style=self._path_style)
        try:
            made = self._create(client, name, access)
            if not made and name != bucket_name(access) and not _is_ours(client, name) and not _is_bare(client, name):
                _require_versions(client, name)
                return False
            self._protect(client, name, access, days)
        except (ClientError, BotoCoreError) as error:
            raise aws_failure(error, access, f"make the state bucket {name}", f"arn:aws:s3:::{name}") from error
        return True

    def remove(self, access: AwsAccess, name: str, within: str) -> str:
        """Deletes a bucket of ours with every version; answers why not, empty when it is gone. Idempotent.

        One that holds anything whose key is not below `within` is left as it is. Raises Failure.
        """
        # The role's policy lets no other session delete states.
        client = s3_client(access, "state-bucket-removal", path_style=self._path_style)
        try:
            if not _is_ours(client, name):
                return "It was not made by the platform."
            for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if any(not one["Key"].startswith(within) for one in found):
                    return f"It holds objects that are not below {within}."
            for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
                if objects:
                    client.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
            client.delete_bucket(Bucket=name)
        except Exception as error:
            if error_code(error) == "NoSuchBucket":
                return ""
            raise aws_failure(error, access, f"delete the state bucket {name}", f"arn:aws:s3:::{name}") from error
        return ""

    @staticmethod
    def _create(client: Any, name: str, access: AwsAccess) -> bool:
        """Whether it was made now."""
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
                # First of all, so that one that is half made is known as ours.
                client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [_TAG]})
            except Exception as conflict:
                if error_code(conflict) == "BucketAlreadyExists":
                    raise _not_usable(name) from conflict
                if error_code(conflict) != "BucketAlreadyOwnedByYou":
                    raise
            return True
        return False

    @staticmethod
    def _protect(client: Any, name: str, access: AwsAccess, days: int) -> None:
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
            "NoncurrentVersionExpiration": {"NoncurrentDays": days},
        }
        client.put_bucket_lifecycle_configuration(**owned, LifecycleConfiguration={"Rules": [rule]})
        client.put_bucket_tagging(**owned, Tagging={"TagSet": [_TAG]})


def _is_ours(client: Any, name: str) -> bool:
    try:
        return _TAG in client.get_bucket_tagging(Bucket=name)["TagSet"]
    except Exception as error:
        if error_code(error) == "NoSuchTagSet":
            return False
        raise


def _is_bare(client: Any, name: str) -> bool:
    """Whether it is what a worker leaves that is killed right behind the creation: no versions, and nothing in it."""
    if "Status" in client.get_bucket_versioning(Bucket=name):
        return False
    return not client.list_objects_v2(Bucket=name, MaxKeys=1).get("KeyCount")


def _require_versions(client: Any, name: str) -> None:
    if client.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        raise Failure(
            "STATE_BUCKET_NOT_VERSIONED",
            f"The state bucket {name} keeps no versions.",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.CUSTOMER,
            remedy=f"Enable versioning on {name}, then retry.",
            resource_address=f"arn:aws:s3:::{name}",
        )


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
