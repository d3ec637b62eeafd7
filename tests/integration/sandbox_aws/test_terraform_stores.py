"""Databases and caches by real Terraform: applied, changed in all that can be, and gone; no plan drifts."""

import shutil
from pathlib import Path

import pytest

from .conftest import Cloud
from .test_terraform import prepare, terraform

MAIN = Path(__file__).parent / "stores" / "main.tf"
PLAN = ("plan", "-input=false", "-no-color", "-detailed-exitcode")
APPLY = ("apply", "-input=false", "-auto-approve", "-no-color")
CHANGED = ("-var", "changed=true")


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_two_databases_and_two_caches_change_and_do_not_drift(cloud: Cloud, tmp_path: Path) -> None:
    customer = cloud.account()
    environment = prepare(tmp_path, cloud.account(), customer)
    shutil.copy(MAIN, tmp_path)
    assert terraform(tmp_path, environment, "init", "-input=false", "-no-color") == 0
    assert terraform(tmp_path, environment, *APPLY) == 0
    assert terraform(tmp_path, environment, *PLAN) == 0, "the plan after the apply is not empty"
    assert terraform(tmp_path, environment, *APPLY, *CHANGED) == 0
    assert terraform(tmp_path, environment, *PLAN, *CHANGED) == 0, "the plan after the change is not empty"
    versions = {
        database["EngineVersion"].partition(".")[0]
        for database in customer.client("rds").describe_db_instances()["DBInstances"]
    }
    assert versions == {"17"}
    assert terraform(tmp_path, environment, *APPLY, *CHANGED, "-destroy") == 0
    assert customer.inventory() == {
        "iam:role": ["aws/provisioner"],
        "rds:snapshot": ["us-east-1/alpha-final"],
    }
