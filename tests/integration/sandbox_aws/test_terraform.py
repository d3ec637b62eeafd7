"""Real Terraform against the sandbox: everything applies, the second plan is empty, and nothing is left behind."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from services.infra_engine.terraform.provider_mirror import cli_config, find_mirror

from .conftest import Account, Cloud

STACK = Path(__file__).parent / "stack"


def prepare(folder: Path, platform: Account, customer: Account, *files: str, **more: str) -> dict[str, str]:
    """The stack in a folder of its own, with a role to assume; the environment that Terraform runs with.

    `more` are further values of its variables.
    """
    role = customer.role(
        "provisioner",
        {"Principal": {"AWS": platform.id}, "Condition": {"StringEquals": {"sts:ExternalId": "b9-4711"}}},
    )
    for name in files:
        shutil.copy(STACK / name, folder)
    values = {"region": "us-east-1", "role_arn": role, "external_id": "b9-4711", "name": "alpha"} | more
    (folder / "terraform.tfvars.json").write_text(json.dumps(values))
    (folder / "cli.tfrc").write_text(cli_config(find_mirror(os.environ)))
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"),
        "TF_IN_AUTOMATION": "1",
        "AWS_ENDPOINT_URL": platform.cloud.url,
        "AWS_ACCESS_KEY_ID": platform.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": platform.keys.secret_access_key,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def terraform(folder: Path, environment: dict[str, str], *arguments: str) -> int:
    """The exit code of a command; its output is shown when it fails."""
    done = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    print(done.stdout[-6000:], done.stderr)
    return done.returncode


APPLY = ("apply", "-input=false", "-auto-approve", "-no-color", "-parallelism=20")
PLAN = ("plan", "-input=false", "-no-color", "-detailed-exitcode")


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_the_network_and_the_cluster_come_and_go(cloud: Cloud, tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.fail("terraform is not on PATH: install Terraform 1.11 or newer")
    customer = cloud.account()
    environment = prepare(tmp_path, cloud.account(), customer, "main.tf")
    assert terraform(tmp_path, environment, "init", "-input=false", "-no-color") == 0
    assert terraform(tmp_path, environment, *APPLY) == 0
    assert "eks:resource" in customer.inventory()
    assert terraform(tmp_path, environment, *PLAN) == 0, "the second plan is not empty"
    assert terraform(tmp_path, environment, *APPLY, "-destroy") == 0
    assert customer.inventory() == {"iam:role": ["aws/provisioner"]}


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_all_that_production_uses_comes_changes_and_goes(cloud: Cloud, tmp_path: Path) -> None:
    """One module with everything: GPU groups, capacity block, boundaries, keys, logs, endpoints, an existing VPC."""
    if shutil.which("terraform") is None:
        pytest.fail("terraform is not on PATH: install Terraform 1.11 or newer")
    customer = cloud.account()
    ec2, network = customer.client("ec2"), customer.network()
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc_id)
    offers = ec2.describe_capacity_block_offerings(
        InstanceType="p5.48xlarge", InstanceCount=1, CapacityDurationHours=24
    )
    offer = next(item for item in offers["CapacityBlockOfferings"] if item["AvailabilityZone"] == "us-east-1a")
    block = ec2.purchase_capacity_block(
        CapacityBlockOfferingId=offer["CapacityBlockOfferingId"], InstancePlatform="Linux/UNIX"
    )["CapacityReservation"]["CapacityReservationId"]
    environment = prepare(
        tmp_path, cloud.account(), customer, "wide.tf", reservation_id=block, existing_vpc_id=network.vpc_id
    )
    before = customer.inventory()
    assert terraform(tmp_path, environment, "init", "-input=false", "-no-color") == 0
    for phase in ("phase=1", "phase=2"):
        assert terraform(tmp_path, environment, *APPLY, "-var", phase) == 0
        assert terraform(tmp_path, environment, *PLAN, "-var", phase) == 0, f"the plan after {phase} is not empty"
    eks = customer.client("eks")
    groups = [
        eks.describe_nodegroup(clusterName="alpha", nodegroupName=name)["nodegroup"]
        for name in eks.list_nodegroups(clusterName="alpha")["nodegroups"]
    ]
    assert {group["version"] for group in groups} == {"1.36"}
    assert {group["launchTemplate"]["version"] for group in groups} == {"2"}
    assert terraform(tmp_path, environment, *APPLY, "-var", "phase=2", "-destroy") == 0
    assert customer.inventory() == before
