"""The sandbox as a process: its start, its waits, its end."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT, Account, Cloud, serve
from .helpers import refused, until


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud where things take a while."""
    with serve(tmp_path_factory.mktemp("slow"), "--without-kubernetes", "--waits-factor", "400") as running:
        yield running


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "libs.sandbox", "serve", "--without-kubernetes", "--port", port]
        done = subprocess.run(
            [*command, "--state-dir", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    assert done.returncode != 0
    assert f"Port {port} is in use" in done.stderr


def test_health_names_the_charts(tmp_path: Path) -> None:
    with serve(tmp_path, "--without-kubernetes", "--charts-dir", str(tmp_path)) as running:
        assert running.ask("GET", "/health") == {"status": "ok", "charts_dir": str(tmp_path)}


def test_a_cluster_takes_its_time(slow: Cloud) -> None:
    account = slow.account()
    network, role = account.network(), account.role("control", {"Principal": {"Service": "eks.amazonaws.com"}})
    eks = account.client("eks")
    config = {"subnetIds": network.subnet_ids}
    assert eks.create_cluster(name="alpha", roleArn=role, resourcesVpcConfig=config)["cluster"]["status"] == "CREATING"
    creating = eks.describe_cluster(name="alpha")["cluster"]
    assert creating["status"] == "CREATING"
    assert "endpoint" not in creating
    assert refused(eks.delete_cluster, name="alpha")[0] == "ResourceInUseException"
    until(lambda: eks.describe_cluster(name="alpha")["cluster"]["status"] == "ACTIVE")
    eks.delete_cluster(name="alpha")
    assert eks.describe_cluster(name="alpha")["cluster"]["status"] == "DELETING"
    until(lambda: not eks.list_clusters()["clusters"])


def test_updates_take_their_time(slow: Cloud) -> None:
    account = slow.account()
    network, role = account.network(), account.role("control", {"Principal": {"Service": "eks.amazonaws.com"}})
    eks = account.client("eks")
    eks.create_cluster(name="alpha", version="1.35", roleArn=role, resourcesVpcConfig={"subnetIds": network.subnet_ids})

    def status() -> str:
        found: str = eks.describe_cluster(name="alpha")["cluster"]["status"]
        return found

    until(lambda: status() == "ACTIVE")
    eks.create_addon(clusterName="alpha", addonName="vpc-cni")
    assert refused(eks.update_addon, clusterName="alpha", addonName="vpc-cni")[0] == "ResourceInUseException"
    update = eks.update_cluster_version(name="alpha", version="1.36")["update"]
    assert (update["status"], status()) == ("InProgress", "UPDATING")
    assert refused(eks.update_cluster_version, name="alpha", version="1.36")[0] == "ResourceInUseException"
    until(lambda: status() == "ACTIVE")
    assert eks.describe_update(name="alpha", updateId=update["id"])["update"]["status"] == "Successful"
    until(lambda: eks.describe_addon(clusterName="alpha", addonName="vpc-cni")["addon"]["status"] == "ACTIVE")


def make_database(account: Account) -> None:
    account.client("rds").create_db_instance(
        DBInstanceIdentifier="one",
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=20,
        MasterUsername="beta9",
        MasterUserPassword="abcDEF123456",
    )


def test_a_database_takes_its_time(slow: Cloud) -> None:
    account = slow.account()
    make_database(account)
    rds = account.client("rds")

    def statuses() -> list[str]:
        return [found["DBInstanceStatus"] for found in rds.describe_db_instances()["DBInstances"]]

    assert statuses() == ["creating"]
    early = refused(rds.delete_db_instance, DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    assert early[0] == "InvalidDBInstanceState"
    until(lambda: statuses() == ["available"])
    rds.delete_db_instance(DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    assert statuses() == ["deleting"]
    until(lambda: statuses() == [])
