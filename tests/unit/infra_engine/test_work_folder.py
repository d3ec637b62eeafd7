"""The folder of a run, and what Terraform is started with there."""

import stat
from pathlib import Path

import pytest

from libs.failures import Failure
from services.infra_engine.terraform import LocalTerraform, WorkFolder


def folder(path: Path) -> WorkFolder:
    made = WorkFolder(path / "work")
    made.prepare(b"{}\n", {"region": "us-east-1", "label": '${file("/etc/hostname")}'})
    return made


def fake_terraform(path: Path, script: str) -> str:
    program = path / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_preparing_again_leaves_the_state_and_forgets_the_plan(tmp_path: Path) -> None:
    work = folder(tmp_path)
    work.state.write_bytes(b"state")
    work.plan.write_bytes(b"plan")
    work.prepare(b'{"output": {}}\n', {})
    assert work.state.read_bytes() == b"state"
    assert not work.plan.exists()
    assert work.config.read_bytes() == b'{"output": {}}\n'
    assert b"5.100.0" in work.lock_file.read_bytes()
    assert sorted(one.name for one in work.path.iterdir()) == [
        ".terraform.lock.hcl",
        "main.tf.json",
        "terraform.tfstate",
        "terraform.tfvars.json",
    ]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    work = folder(tmp_path)
    assert stat.S_IMODE(work.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(work.variables.stat().st_mode) == 0o600


async def test_terraform_gets_aws_and_its_secrets_and_nothing_else_of_ours(tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "TF_CLI_CONFIG_FILE": str(tmp_path / "absent"),
        "TF_LOG": "trace",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=secret",
        "PROVISIONING_POSTGRES_URL": "postgresql://secret",
    }
    work = folder(tmp_path)
    terraform = LocalTerraform(binary=fake_terraform(tmp_path, "env"), environment=environment)
    async with terraform.plan(work, {"postgres_password": "p"}) as command:
        seen = dict([line.text.split("=", 1) async for line in command])
        await command.result()
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert seen["TF_VAR_postgres_password"] == "p"
    assert seen["TF_CLI_CONFIG_FILE"] == str(work.cli_config)
    assert seen["GOGC"] == "400"
    assert "secret" not in str(seen)
    assert "TF_LOG" not in seen


@pytest.mark.parametrize("said", ['{"terraform_version": "1.10.5"}', '{"terraform_version": "0.15.0"}', "{}"])
async def test_a_terraform_that_is_too_old_is_refused_before_anything_runs(tmp_path: Path, said: str) -> None:
    terraform = LocalTerraform(binary=fake_terraform(tmp_path, f"echo '{said}'"), environment={"PATH": "/bin"})
    with pytest.raises(Failure) as caught:
        await terraform.init(folder(tmp_path))
    assert caught.value.reason == "TERRAFORM_NOT_USABLE"
    assert "1.11" in caught.value.remedy


async def test_an_absent_terraform_is_named(tmp_path: Path) -> None:
    terraform = LocalTerraform(environment={"PATH": str(tmp_path)})
    with pytest.raises(Failure) as caught:
        await terraform.init(folder(tmp_path))
    assert caught.value.reason == "TERRAFORM_NOT_USABLE"


async def test_a_command_that_dies_without_a_word_is_a_failure(tmp_path: Path) -> None:
    terraform = LocalTerraform(binary=fake_terraform(tmp_path, "kill -9 $$"), environment={"PATH": "/usr/bin:/bin"})
    work = folder(tmp_path)
    work.plan.touch()
    with pytest.raises(Failure) as caught:
        async with terraform.apply(work, {}) as command:
            assert [line async for line in command] == []
            await command.result()
    assert caught.value.reason == "TERRAFORM_ERROR"
    assert "SIGKILL" in caught.value.private
    assert not work.plan.exists()
