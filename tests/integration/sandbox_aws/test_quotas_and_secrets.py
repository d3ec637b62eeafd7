"""Service quotas, secrets on their way out, and what GetResources sees."""

from typing import Any

from .conftest import Account
from .helpers import refused


def test_quotas_are_awss_defaults_until_one_is_granted(account: Account) -> None:
    quotas = account.client("service-quotas")
    standard = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    assert quotas.get_service_quota(**standard)["Quota"]["Value"] == 5
    account.cloud.ask(
        "POST", f"/sandbox/accounts/{account.id}/quotas", {"service": "ec2", "code": "L-1216C47A", "value": 64}
    )
    assert quotas.get_service_quota(**standard)["Quota"]["Value"] == 64
    assert quotas.get_aws_default_service_quota(**standard)["Quota"]["Value"] == 5
    listed = quotas.list_service_quotas(ServiceCode="ec2")["Quotas"]
    assert {quota["QuotaCode"]: quota["Value"] for quota in listed}["L-1216C47A"] == 64
    assert refused(quotas.get_service_quota, ServiceCode="ec2", QuotaCode="L-0")[0] == "NoSuchResourceException"
    assert refused(quotas.list_service_quotas, ServiceCode="nothing")[0] == "NoSuchResourceException"


def test_a_granted_quota_is_its_accounts_and_regions(account: Account) -> None:
    path = f"/sandbox/accounts/{account.id}/quotas"
    account.cloud.ask("POST", path, {"service": "vpc", "code": "L-F678F1CE", "value": 9, "region": "eu-west-1"})
    vpcs = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}

    def value(where: Account, region: str) -> float:
        quota: dict[str, Any] = where.client("service-quotas", region=region).get_service_quota(**vpcs)["Quota"]
        return float(quota["Value"])

    assert value(account, "eu-west-1") == 9
    assert value(account, "us-east-1") == 5
    assert value(account.cloud.account(), "eu-west-1") == 5


def test_a_request_for_more_waits_and_must_ask_for_more(account: Account) -> None:
    quotas = account.client("service-quotas")
    wanted = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
    asked = quotas.request_service_quota_increase(**wanted, DesiredValue=10)["RequestedQuota"]
    assert asked["Status"] == "PENDING"
    less = refused(quotas.request_service_quota_increase, **wanted, DesiredValue=3)
    assert less[0] == "IllegalArgumentException"


def test_a_secrets_name_is_free_only_once_it_is_gone(account: Account) -> None:
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name="beta9/one", SecretString="a")
    secrets.delete_secret(SecretId="beta9/one", RecoveryWindowInDays=7)
    taken = refused(secrets.create_secret, Name="beta9/one", SecretString="b")
    assert taken[0] == "InvalidRequestException"
    assert "already scheduled for deletion" in taken[2]
    marked = refused(secrets.put_secret_value, SecretId="beta9/one", SecretString="b")
    assert marked[0] == "InvalidRequestException"
    secrets.restore_secret(SecretId="beta9/one")
    secrets.put_secret_value(SecretId="beta9/one", SecretString="b")
    before = secrets.get_secret_value(SecretId="beta9/one", VersionStage="AWSPREVIOUS")
    assert (before["SecretString"], secrets.get_secret_value(SecretId="beta9/one")["SecretString"]) == ("a", "b")
    secrets.delete_secret(SecretId="beta9/one", ForceDeleteWithoutRecovery=True)
    again = secrets.create_secret(Name="beta9/one", SecretString="c")
    assert secrets.get_secret_value(SecretId=again["ARN"])["SecretString"] == "c"


def test_a_secret_keeps_its_key(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name="one", SecretString="a", KmsKeyId=key)
    secrets.put_secret_value(SecretId="one", SecretString="b")
    assert secrets.describe_secret(SecretId="one")["KmsKeyId"] == key


def test_get_resources_sees_what_moto_missed(account: Account) -> None:
    ec2, rds = account.client("ec2"), account.client("rds")
    tag = {"Key": "EnvironmentId", "Value": "one"}

    def tags(kind: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": [tag]}]

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", TagSpecifications=tags("vpc-endpoint"))
    ec2.create_launch_template(
        LaunchTemplateName="one",
        LaunchTemplateData={"InstanceType": "t3.large"},
        TagSpecifications=tags("launch-template"),
    )
    ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip"))
    group = ec2.create_security_group(GroupName="one", Description="-", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
        TagSpecifications=tags("security-group-rule"),
    )
    rds.create_db_parameter_group(
        DBParameterGroupName="one", DBParameterGroupFamily="postgres17", Description="-", Tags=[tag]
    )
    wanted = [{"Key": "EnvironmentId", "Values": ["one"]}]
    answer = account.client("resourcegroupstaggingapi").get_resources(TagFilters=wanted)
    arns = [mapping["ResourceARN"] for mapping in answer["ResourceTagMappingList"]]
    kinds = sorted(arn.split(":", 2)[2].split(":", 3)[3].split("/")[0].split(":")[0] for arn in arns)
    assert kinds == ["elastic-ip", "launch-template", "pg", "security-group-rule", "vpc", "vpc-endpoint"]
