"""Who is let in: keys, signatures, roles, accounts."""

import urllib.error
import urllib.request
from dataclasses import replace

import botocore.session
import pytest
from botocore.model import ServiceId
from botocore.signers import RequestSigner

from .conftest import Account, Cloud, Keys
from .helpers import refused


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("sts", "get_caller_identity", ("InvalidClientTokenId", 403)),
        ("iam", "list_roles", ("InvalidClientTokenId", 403)),
        ("ec2", "describe_vpcs", ("AuthFailure", 401)),
        ("s3", "list_buckets", ("InvalidAccessKeyId", 403)),
        ("eks", "list_clusters", ("UnrecognizedClientException", 403)),
        ("secretsmanager", "list_secrets", ("UnrecognizedClientException", 403)),
    ],
)
def test_an_unknown_key_is_refused(account: Account, service: str, call: str, expected: tuple[str, int]) -> None:
    client = account.client(service, Keys("AKIAIOSFODNN7EXAMPLE", "secret"))
    assert refused(getattr(client, call))[:2] == expected


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_vpcs", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("eks", "list_clusters", "InvalidSignatureException"),
    ],
)
def test_a_wrong_secret_is_refused(account: Account, service: str, call: str, code: str) -> None:
    client = account.client(service, replace(account.keys, secret_access_key="wrong"))
    assert refused(getattr(client, call))[:2] == (code, 403)


def test_a_key_that_iam_made_is_known_until_it_is_deleted(account: Account) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="robot")
    made = iam.create_access_key(UserName="robot")["AccessKey"]
    robot = account.client("sts", Keys(made["AccessKeyId"], made["SecretAccessKey"]))
    assert robot.get_caller_identity()["Arn"] == f"arn:aws:iam::{account.id}:user/robot"
    iam.delete_access_key(UserName="robot", AccessKeyId=made["AccessKeyId"])
    assert refused(robot.get_caller_identity)[0] == "InvalidClientTokenId"


def assume(account: Account, role_arn: str, external_id: str | None = None) -> Keys:
    given = {"ExternalId": external_id} if external_id else {}
    made = account.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="run", **given)["Credentials"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_a_role_needs_its_external_id(cloud: Cloud, account: Account) -> None:
    platform, stranger = cloud.account(), cloud.account()
    role = account.role(
        "provisioner",
        {
            "Principal": {"AWS": f"arn:aws:iam::{platform.id}:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": "b9-4711"}},
        },
    )
    ask = platform.client("sts").assume_role
    denied = f"is not authorized to perform: sts:AssumeRole on resource: {role}"
    for given in ({}, {"ExternalId": "b9-4712"}):
        code, status, message = refused(ask, RoleArn=role, RoleSessionName="run", **given)
        assert (code, status) == ("AccessDenied", 403)
        assert denied in message
    missing = refused(ask, RoleArn=f"{role}s", RoleSessionName="run", ExternalId="b9-4711")
    assert missing[:2] == ("AccessDenied", 403)
    other = refused(stranger.client("sts").assume_role, RoleArn=role, RoleSessionName="run", ExternalId="b9-4711")
    assert other[:2] == ("AccessDenied", 403)

    keys = assume(platform, role, "b9-4711")
    identity = account.client("sts", keys).get_caller_identity()
    assert identity["Account"] == account.id
    assert identity["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/provisioner/run"
    assert identity["UserId"].endswith(":run")


def test_a_role_acts_in_its_own_account(cloud: Cloud, account: Account) -> None:
    platform = cloud.account()
    role = account.role("provisioner", {"Principal": {"AWS": platform.id}})
    keys = assume(platform, role)
    account.client("ec2", keys).create_vpc(CidrBlock="10.1.0.0/16")
    assert len(account.inventory()["ec2:vpc"]) == 1
    assert platform.inventory() == {}


def test_a_session_needs_its_token(account: Account) -> None:
    role = account.role("own", {"Principal": {"AWS": account.id}})
    keys = assume(account, role)
    for token in (None, "another"):
        client = account.client("sts", replace(keys, session_token=token))
        assert refused(client.get_caller_identity)[0] == "InvalidClientTokenId"


def presigned(account: Account, cluster: str) -> str:
    keys = account.keys
    session = botocore.session.Session()
    session.set_credentials(keys.access_key_id, keys.secret_access_key)
    signer = RequestSigner(
        ServiceId("STS"), "us-east-1", "sts", "v4", session.get_credentials(), session.get_component("event_emitter")
    )
    request = {
        "method": "GET",
        "url": f"{account.cloud.url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    return str(signer.generate_presigned_url(request, region_name="us-east-1", expires_in=60, operation_name=""))


def test_a_presigned_identity_url_is_answered_by_sts(account: Account) -> None:
    url = presigned(account, "alpha")
    request = urllib.request.Request(url, headers={"x-k8s-aws-id": "alpha"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert f"<Account>{account.id}</Account>" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, headers={"x-k8s-aws-id": "beta"}), timeout=30)
    with caught.value as error:
        assert error.code == 403
        assert b"SignatureDoesNotMatch" in error.read()


def test_an_unsigned_request_is_refused(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{cloud.url}/some-bucket/key", timeout=30)
    with caught.value as error:
        assert error.code == 403


def test_an_account_that_is_no_account_is_refused(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        cloud.ask("POST", "/sandbox/accounts/12")
    with caught.value as error:
        assert b"give twelve digits" in error.read()


def test_buckets_belong_to_their_account(cloud: Cloud, account: Account) -> None:
    name = f"owned-{account.id}"
    account.client("s3").create_bucket(Bucket=name)
    other = cloud.account().client("s3")
    assert refused(other.create_bucket, Bucket=name)[:2] == ("BucketAlreadyExists", 409)
    assert refused(other.head_bucket, Bucket=name)[1] == 403
    assert refused(other.list_objects_v2, Bucket=name)[:2] == ("AccessDenied", 403)
    assert refused(other.head_bucket, Bucket=f"{name}-no")[1] == 404


def test_ordered_faults_come_in_the_services_own_shape(cloud: Cloud, account: Account) -> None:
    order = {
        "service": "ec2",
        "action": "DescribeVpcs",
        "code": "RequestLimitExceeded",
        "message": "slow",
        "status": 503,
    }
    cloud.ask("POST", "/sandbox/faults", order | {"count": 2})
    ec2 = account.client("ec2")
    assert refused(ec2.describe_vpcs) == ("RequestLimitExceeded", 503, "slow")
    assert ec2.describe_subnets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert refused(ec2.describe_vpcs)[0] == "RequestLimitExceeded"
    assert ec2.describe_vpcs()["Vpcs"]

    cloud.ask("POST", "/sandbox/faults", {"service": "eks", "action": "DescribeCluster", "code": "ServerException"})
    eks = account.client("eks")
    assert refused(eks.describe_cluster, name="none")[0] == "ServerException"
    assert refused(eks.describe_cluster, name="none")[0] == "ResourceNotFoundException"
