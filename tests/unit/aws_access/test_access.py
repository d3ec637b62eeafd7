import pytest

from libs.aws_access import AwsAccess

ROLE = "arn:aws:iam::123456789012:role/Beta9Provisioner"


def test_a_good_access_is_taken_as_it_is() -> None:
    access = AwsAccess("123456789012", "us-east-1", ROLE, "b9-0a1b2c")
    assert (access.account_id, access.region) == ("123456789012", "us-east-1")
    assert access.partition == "aws"


def test_the_partition_comes_from_the_role() -> None:
    role = "arn:aws-us-gov:iam::123456789012:role/x"
    assert AwsAccess("123456789012", "us-gov-west-1", role, "b9-0a1b2c").partition == "aws-us-gov"


@pytest.mark.parametrize(
    ("account", "region", "role", "external_id", "named"),
    [
        ("12345", "us-east-1", ROLE, "b9-0a", "account_id"),
        ("123456789012", "us east", ROLE, "b9-0a", "region"),
        ("123456789012", "us-east-1", "arn:aws:iam::123456789012:user/x", "b9-0a", "role_arn"),
        ("210987654321", "us-east-1", ROLE, "b9-0a", "role_arn"),
        ("123456789012", "us-east-1", ROLE, "", "external_id"),
        ("123456789012", "us-east-1", ROLE, "b9 0a", "external_id"),
        ("123456789012", "us-east-1", ROLE + "\n", "b9-0a", "role_arn"),
    ],
)
def test_what_aws_could_never_accept_is_refused_by_name(
    account: str, region: str, role: str, external_id: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        AwsAccess(account, region, role, external_id)
