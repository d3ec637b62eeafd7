from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.outputs import BackendOutputs, backend_outputs
from services.cluster_bootstrapper.values import Beta9Document, Beta9Secrets, beta9_values

DOCUMENT = Beta9Document(
    environment="prod",
    domain="beta9.example.com",
    version="latest",
    profile="small",
    enable_metrics=True,
    enable_logging=True,
    min_workers=2,
)
RAW = {
    "rds_endpoint": "db.abc.us-east-1.rds.amazonaws.com:5432",
    "rds_database": "beta9",
    "rds_master_user_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db",
    "redis_endpoint": "master.cache.use1.cache.amazonaws.com",
    "redis_port": 6379,
    "redis_tls": True,
    "bucket_name": "beta9-data",
    "gateway_role_arn": "arn:aws:iam::123456789012:role/beta9-gateway",
    "workspace_storage_user": "beta9-workspaces",
    "workspace_bucket_prefix": "beta9-ws",
}
OUTPUTS = backend_outputs(RAW, "us-east-1")
SECRETS = Beta9Secrets(
    postgres_username="beta9",
    postgres_password="Abcdefgh1234",
    encryption_key="sk_" + "A" * 43 + "=",
    redis_password="red/is+pass",
    workspace_access_key="AKIAWORKSPACE",
    workspace_secret_key="workspace/secret",
)


def values(**changes: Any) -> Any:
    return beta9_values(dataclasses.replace(DOCUMENT, **changes), OUTPUTS, SECRETS, exposed=True)


def test_the_values_are_exactly_these() -> None:
    expected = json.loads(Path(__file__).with_name("beta9_values.json").read_text())
    assert json.loads(json.dumps(values())) == expected


def test_the_embedded_databases_are_off() -> None:
    made = values()
    assert [made[key] for key in ("redis", "postgresql", "juicefs-redis")] == [{"enabled": False}] * 3


def test_nothing_is_exposed_before_the_token_is_claimed() -> None:
    hidden = beta9_values(DOCUMENT, OUTPUTS, SECRETS, exposed=False)
    assert hidden["ingress"] == {"gateway": {"enabled": False}}
    shown = values()
    assert set(shown["ingress"]) == {"gateway", "grpc"}
    # Exposing must not restart the gateway: all the rest is the same.
    assert {**hidden, "ingress": None} == {**shown, "ingress": None}


def test_addresses_are_arguments_of_the_waiting_script_and_not_part_of_it() -> None:
    command = values()["controllers"]["gateway"]["initContainers"]["wait-on-backends"]["command"]
    assert command[:2] == ["sh", "-c"]
    assert "amazonaws" not in command[2] and "{{" not in command[2]
    assert command[4:] == [OUTPUTS.rds_host, "5432", OUTPUTS.redis_host, "6379"]


def test_credentials_that_default_to_a_developers_are_empty_or_ours() -> None:
    config = values()["config"]
    assert config["storage"]["juicefs"]["awsAccessKey"] == ""
    assert config["imageService"]["registries"]["s3"]["secretKey"] == ""
    assert config["storage"]["workspaceStorage"]["defaultAccessKey"] == "AKIAWORKSPACE"
    assert "localstack" not in json.dumps(config) and "localhost" not in json.dumps(config)


def test_the_file_system_has_a_database_of_its_own_and_an_escaped_password() -> None:
    storage = values()["config"]["storage"]
    assert storage["juicefs"]["redisURI"] == ("rediss://:red%2Fis%2Bpass@master.cache.use1.cache.amazonaws.com:6379/1")


def test_every_secret_is_known_to_be_one() -> None:
    secret = set(SECRETS.all())
    assert {"Abcdefgh1234", "red/is+pass", "red%2Fis%2Bpass", "workspace/secret"} <= secret
    assert "" not in secret
    assert "Abcdefgh1234" not in repr(SECRETS)


@pytest.mark.parametrize(("profile", "cpu"), [("small", 1000), ("medium", 2000), ("large", 3000)])
def test_workers_fit_the_profile(profile: str, cpu: int) -> None:
    worker = values(profile=profile, min_workers=3)["config"]["worker"]
    assert worker["pools"]["default"]["poolSizing"]["minFreeCpu"] == f"{3 * cpu}m"
    assert worker["pools"]["build"]["poolSizing"]["minFreeCpu"] == "0m"
    assert worker["defaultWorkerCPURequest"] == cpu


def test_switches_of_the_document() -> None:
    config = values(enable_metrics=False, enable_logging=False)["config"]
    assert config["monitoring"]["metricsCollector"] == "none"
    assert config["prettyLogs"] is True
    assert values()["config"]["prettyLogs"] is False


def test_a_pinned_version_can_be_named_and_no_other() -> None:
    assert values(version="0.1.762")["images"] == {
        "gateway": {"tag": "0.1.762"},
        "worker": {"tag": "0.1.729"},
    }
    with pytest.raises(Failure) as caught:
        values(version="0.1.1")
    assert caught.value.reason == "BETA9_VERSION_UNKNOWN"
    assert "0.1.762" in caught.value.remedy


@pytest.mark.parametrize(
    "domain", ["", "Beta9.example.com", "x.com; rm -rf /", "{{ .Values }}.com", "a..b", "-a.com", "a.com\n"]
)
def test_a_domain_that_is_no_host_name_is_refused(domain: str) -> None:
    with pytest.raises(Failure, match="VALUES_INVALID"):
        values(domain=domain)


@pytest.mark.parametrize("password", ["", "sh0rt", "with a space", "with'quote", 'with"quote', "back\\slash1"])
def test_a_password_that_cannot_stand_unquoted_is_refused_without_being_told(password: str) -> None:
    bad = dataclasses.replace(SECRETS, postgres_password=password)
    with pytest.raises(Failure) as caught:
        beta9_values(DOCUMENT, OUTPUTS, bad, exposed=False)
    assert not password or password not in str(caught.value)


def test_outputs_have_their_types() -> None:
    assert (
        BackendOutputs(
            region="us-east-1",
            rds_host="db.abc.us-east-1.rds.amazonaws.com",
            rds_port=5432,
            rds_database="beta9",
            rds_master_user_secret_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:db",
            redis_host="master.cache.use1.cache.amazonaws.com",
            redis_port=6379,
            redis_tls=True,
            bucket_name="beta9-data",
            gateway_role_arn="arn:aws:iam::123456789012:role/beta9-gateway",
            workspace_storage_user="beta9-workspaces",
            workspace_bucket_prefix="beta9-ws",
            redis_auth_secret_arn="",
        )
        == OUTPUTS
    )
    assert backend_outputs({**RAW, "redis_tls": "false"}, "us-east-1").redis_tls is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rds_endpoint", "no-port"),
        ("rds_endpoint", None),
        ("redis_port", "many"),
        ("bucket_name", ""),
        ("gateway_role_arn", None),
    ],
)
def test_a_missing_output_is_named(name: str, value: object) -> None:
    with pytest.raises(Failure) as caught:
        backend_outputs({**RAW, name: value}, "us-east-1")
    assert caught.value.reason == "OUTPUT_MISSING"
    assert name in caught.value.message
