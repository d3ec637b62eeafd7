"""Buckets, secrets, keys, log groups and parameters: by name, which holds the environment's uid."""

from services.infra_engine.preflight.aws.clients import pages, tags
from services.infra_engine.recovery.account import ENVIRONMENT_TAG, Account
from services.infra_engine.recovery.kinds import Found, Wanted

_NO_TAGS = ("NoSuchTagSet", "NoSuchBucket")


def bucket(account: Account, wanted: Wanted) -> Found | None:
    """Ours alone, though a name is taken for the whole world. Its tags come a moment after it."""
    name, owner = wanted.text("bucket"), account.access.account_id
    absent = ("404", "NoSuchBucket", "403", "AccessDenied")
    if account.ask("s3", "head_bucket", *absent, Bucket=name, ExpectedBucketOwner=owner) is None:
        return None
    found = account.ask("s3", "get_bucket_tagging", *_NO_TAGS, Bucket=name) or {}
    if not account.is_ours(tags(found, "TagSet")):
        return None
    arn = f"arn:{account.access.partition}:s3:::{name}"
    return Found(name, attributes={"bucket": name, "arn": arn})


def secret(account: Account, wanted: Wanted) -> Found | None:
    """One that is to be deleted is Terraform's to make again."""
    found = account.ask("secretsmanager", "describe_secret", "ResourceNotFoundException", SecretId=wanted.text("name"))
    if found is None or found.get("DeletedDate") or not account.is_ours(tags(found)):
        return None
    return Found(str(found["ARN"]), attributes={"arn": found["ARN"], "name": found["Name"]})


def alias(account: Account, wanted: Wanted) -> Found | None:
    found = account.ask("kms", "describe_key", "NotFoundException", KeyId=wanted.text("name"))
    return None if found is None else Found(wanted.text("name"))


def key(account: Account, wanted: Wanted) -> Found | None:
    """By its tag. KMS is asked itself, key by key: the tagging API may know of a new one only minutes later."""
    for one in sorted(pages(account.clients["kms"], "list_keys", "Keys"), key=lambda one: str(one["KeyId"])):
        identifier = str(one["KeyId"])
        # Of keys of others, and of AWS's own, we may read nothing: none of them is ours.
        given = account.ask("kms", "list_resource_tags", "AccessDeniedException", "NotFoundException", KeyId=identifier)
        present = {tag["TagKey"]: tag["TagValue"] for tag in (given or {}).get("Tags", [])}
        if present.get(ENVIRONMENT_TAG) != account.uid or identifier in wanted.claimed:
            continue
        data = account.call("kms", "describe_key", KeyId=identifier)["KeyMetadata"]
        if data["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion"):
            return Found(identifier, attributes={"key_id": identifier, "arn": data["Arn"]})
    return None


def log_group(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    groups = pages(account.clients["logs"], "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    for one in (group for group in groups if group["logGroupName"] == name):
        arn = str(one["arn"]).removesuffix(":*")
        if account.is_ours(account.call("logs", "list_tags_for_resource", resourceArn=arn).get("tags", {})):
            return Found(name, attributes={"name": name, "arn": arn})
    return None


def parameter(account: Account, wanted: Wanted) -> Found | None:
    name = wanted.text("name")
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    if not pages(account.clients["ssm"], "describe_parameters", "Parameters", ParameterFilters=filters):
        return None
    found = account.call("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
    return Found(name, attributes={"name": name}) if account.is_ours(tags(found, "TagList")) else None
