"""What is simulated for a document."""

from dataclasses import replace

from services.infra_engine.preflight.actions import action_groups
from services.infra_engine.stacks.aws.names import resource_names
from services.infra_engine.stacks.stack_input import AwsAccount, Cluster, Network, StackInput, State

SMALL = StackInput(
    workspace="acme",
    environment="production",
    uid="3f2b8a50",
    account=AwsAccount("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/r", "external"),
    domain="beta9.example",
)


def actions(stack_input: StackInput) -> set[str]:
    return {action for group in action_groups(stack_input) for action in group.actions}


def test_what_the_customer_brings_asks_for_no_right_to_make_it() -> None:
    assert {"ec2:CreateVpc", "kms:CreateKey"} <= actions(SMALL)
    own_vpc = replace(SMALL, network=Network(existing_vpc_id="vpc-1", existing_private_subnet_ids=("a", "b")))
    assert "ec2:CreateVpc" not in actions(own_vpc)
    assert "ec2:CreateVpc" not in actions(replace(SMALL, cluster=Cluster(existing_name="theirs")))
    own_key = replace(SMALL, kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/1")
    assert "kms:CreateKey" not in actions(own_key)
    assert "kms:CreateGrant" in actions(own_key)


def test_each_action_is_simulated_as_it_is_called() -> None:
    bounded = replace(SMALL, permissions_boundary_arn="arn:aws:iam::123456789012:policy/b")
    groups = action_groups(bounded)
    by_action = {action: group for group in groups for action in group.actions}
    create = by_action["iam:CreateRole"]
    assert create.context["iam:PermissionsBoundary"] == "arn:aws:iam::123456789012:policy/b"
    assert all(":role/beta9-production-" in one for one in create.resources)
    passed = {one.context["iam:PassedToService"]: one.resources for one in groups if "iam:PassRole" in one.actions}
    assert all(arn.endswith(("-cluster", "-node")) for arn in passed.pop("eks.amazonaws.com"))
    assert all(arn.endswith("-flow-logs") for arn in passed.pop("vpc-flow-logs.amazonaws.com"))
    assert passed == {}
    assert all(group.context["aws:RequestedRegion"] == "us-east-1" for group in by_action.values())
    made = {arn for one in groups if "s3:CreateBucket" in one.actions for arn in one.resources}
    assert {arn.split("-")[1] for arn in made} == {"tf", made_name()} and len(made) == 2


def test_a_state_of_the_customers_is_simulated_where_it_is() -> None:
    def of(state: State) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for group in action_groups(replace(SMALL, state=state)):
            for arn in group.resources:
                if "state" in arn or ":table/" in arn:
                    found.setdefault(arn, set()).update(group.actions)
        return found

    ours = of(State())
    assert set(ours) == {f"arn:aws:s3:::beta9-tf-state-123456789012-us-east-1{end}" for end in ("", "/simulated")}
    theirs = of(State(bucket="our-states", lock_table="locks"))
    bucket, table = "arn:aws:s3:::our-states", "arn:aws:dynamodb:us-east-1:123456789012:table/locks"
    assert set(theirs) == {bucket, f"{bucket}/simulated", table}
    assert "s3:CreateBucket" in ours["arn:aws:s3:::beta9-tf-state-123456789012-us-east-1"] - theirs[bucket]
    assert {"s3:ListBucket", "s3:GetBucketVersioning"} <= theirs[bucket]
    assert {"s3:PutObject", "s3:GetObject", "s3:DeleteObject"} <= theirs[f"{bucket}/simulated"]
    assert {"dynamodb:PutItem", "dynamodb:DescribeTable"} <= theirs[table]
    assert of(State(in_s3=False)) == {}


def made_name() -> str:
    """The environment's own bucket, behind its prefix."""
    return resource_names(SMALL)["bucket"].split("-")[1]


def test_names_are_iams_own() -> None:
    """IAM refuses to simulate a malformed name."""
    for action in actions(SMALL):
        service, _, name = action.partition(":")
        assert service.islower()
        assert name[0].isupper()
        assert name.isalnum()
