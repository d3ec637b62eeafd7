"""The IAM actions that roles' sessions called."""

import io
import json
from typing import Any

from .conftest import Account, Keys


def session(account: Account, name: str = "customer") -> Keys:
    role = account.role(name, {"Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}})
    given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    return Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def actions(account: Account) -> dict[str, int]:
    found: dict[str, int] = account.cloud.ask("GET", f"/sandbox/accounts/{account.id}/actions")["actions"]
    return found


def test_only_roles_are_recorded_until_it_is_reset(account: Account) -> None:
    keys = session(account)
    account.client("ec2").describe_vpcs()
    assert actions(account) == {}
    for _ in range(2):
        account.client("ec2", keys).describe_vpcs()
    assert actions(account) == {"ec2:DescribeVpcs": 2}
    account.cloud.ask("DELETE", f"/sandbox/accounts/{account.id}/actions")
    assert actions(account) == {}


def test_s3_has_names_of_its_own(account: Account) -> None:
    s3 = account.client("s3", session(account))
    bucket = f"recorded-{account.id}"
    s3.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced")
    s3.head_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a/b", Body=io.BytesIO(b"x"))["VersionId"]
    s3.list_objects_v2(Bucket=bucket)
    s3.head_object(Bucket=bucket, Key="a/b")
    s3.delete_object(Bucket=bucket, Key="a/b", VersionId=version)
    assert actions(account) == {
        "s3:CreateBucket": 1,
        "s3:DeleteObjectVersion": 1,
        "s3:GetObject": 1,
        "s3:ListBucket": 2,
        "s3:PutBucketOwnershipControls": 1,
        "s3:PutBucketVersioning": 1,
        "s3:PutObject": 1,
    }


def test_what_aws_asks_for_besides_is_recorded(account: Account) -> None:
    keys = session(account)
    tag = {"Key": "a", "Value": "b"}
    ec2, iam, kms = (account.client(name, keys) for name in ("ec2", "iam", "kms"))
    ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [tag]}])
    key = kms.create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["Arn"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=trust, Tags=[tag])
    secrets = account.client("secretsmanager", keys)
    secrets.create_secret(Name="one", KmsKeyId=key, SecretString="a", Tags=[tag])
    secrets.get_secret_value(SecretId="one")
    database: dict[str, Any] = {"DBInstanceIdentifier": "one", "Engine": "postgres", "AllocatedStorage": 20}
    database |= {"DBInstanceClass": "db.t4g.medium", "MasterUsername": "b", "MasterUserPassword": "abcDEF123456"}
    account.client("rds", keys).create_db_instance(**database, StorageEncrypted=True, KmsKeyId=key, Tags=[tag])
    assert actions(account) == {
        "ec2:CreateTags": 1,
        "ec2:CreateVpc": 1,
        "iam:CreateRole": 1,
        "iam:CreateServiceLinkedRole": 1,
        "iam:TagRole": 1,
        "kms:CreateGrant": 1,
        "kms:CreateKey": 1,
        "kms:Decrypt": 2,
        "kms:DescribeKey": 1,
        "kms:GenerateDataKey": 1,
        "kms:TagResource": 1,
        "rds:AddTagsToResource": 1,
        "rds:CreateDBInstance": 1,
        "secretsmanager:CreateSecret": 1,
        "secretsmanager:GetSecretValue": 1,
        "secretsmanager:TagResource": 1,
    }


def test_a_role_that_is_passed_on_is_recorded(account: Account) -> None:
    keys, network = session(account), account.network()
    control = account.role("control", {"Principal": {"Service": "eks.amazonaws.com"}})
    account.client("eks", keys).create_cluster(
        name="one",
        roleArn=control,
        resourcesVpcConfig={"subnetIds": network.subnet_ids},
        tags={"a": "b"},
    )
    assert actions(account) == {
        "eks:CreateCluster": 1,
        "eks:TagResource": 1,
        "iam:CreateServiceLinkedRole": 1,
        "iam:PassRole": 1,
    }
