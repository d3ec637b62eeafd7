"""Beta9 asked for again: an unchanged request changes nothing, a rotated credential restarts the gateway with it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure
from services.cluster_bootstrapper.gateway import check_health
from services.cluster_bootstrapper.gateway_pods import gateway_pods
from services.cluster_bootstrapper.waiting import poll
from tests.integration.cluster_bootstrapper.steps import Bootstrapper

pytestmark = pytest.mark.integration

UID = "22222222-2222-3333-4444-555555555555"
BETA9 = "/api/v1/namespaces/beta9"
DEPLOYMENT = "/apis/apps/v1/namespaces/beta9/deployments/beta9-gateway"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/beta9/ingresses"
TAINT = {"key": "dedicated", "value": "system", "effect": "NO_SCHEDULE"}
GROUP = {"clusterName": "beta9-it", "nodegroupName": "system"}
CACHE, DATABASE = "beta9/it/cache", "beta9/it/postgres"


class Account:
    """What a person or the engine does in the account beside."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self.secrets = session.client("secretsmanager")

    def set_token(self, token: str, version: int) -> None:
        cache = self.session.client("elasticache")
        for strategy in ("ROTATE", "SET"):
            cache.modify_replication_group(
                ReplicationGroupId="beta9-it", AuthToken=token, AuthTokenUpdateStrategy=strategy, ApplyImmediately=True
            )
        self.keep(CACHE, {"auth_token": token, "version": version, "progress": "set"})

    def keep(self, name: str, document: dict[str, object]) -> None:
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(document))

    def read(self, name: str) -> Any:
        return json.loads(self.secrets.get_secret_value(SecretId=name)["SecretString"])

    def keys(self) -> list[str]:
        found = self.session.client("iam").list_access_keys(UserName="beta9-it-workspaces")
        return [key["AccessKeyId"] for key in found["AccessKeyMetadata"]]


@pytest.fixture
def account(session: boto3.Session) -> Account:
    return Account(session)


@pytest.fixture
async def tainted(connection: Any, session: boto3.Session) -> AsyncIterator[None]:
    """Every system node keeps away what does not tolerate its taint."""
    eks = session.client("eks")

    async def count(wanted: int) -> None:
        async def look() -> bool | None:
            nodes = await connection.kube.list("/api/v1/nodes")
            found = [t for node in nodes for t in node["spec"].get("taints") or [] if t["key"] == TAINT["key"]]
            return True if len(found) == wanted else None

        assert await poll(look, seconds=30, interval=0.2)

    eks.update_nodegroup_config(**GROUP, taints={"addOrUpdateTaints": [TAINT]})
    await count(2)
    yield
    eks.update_nodegroup_config(**GROUP, taints={"removeTaints": [TAINT]})
    await count(0)


@pytest.fixture
async def bootstrapper(
    cloud: Any, charts: Path, helm_program: str, account: Account, database: str, tainted: None
) -> AsyncIterator[Bootstrapper]:
    taint = pb.NodeTaint(key="dedicated", value="system", effect=pb.TAINT_EFFECT_NO_SCHEDULE)
    spec = pb.EnvironmentSpec(
        cluster=pb.ClusterSpec(node_taints=[taint]), beta9=pb.Beta9Spec(domain="beta9.example.com")
    )
    before = {name: account.read(name) for name in (CACHE, DATABASE)}
    made = Bootstrapper(cloud, charts, helm_program, UID, spec)
    made.outputs.rds_endpoint = database
    yield made
    await made.drain()
    for name, document in before.items():
        account.keep(name, document)
    account.set_token(str(before[CACHE]["auth_token"]), 1)


async def state(kube: Any) -> dict[str, Any]:
    """What would differ had anything been changed or made anew."""
    deployment = await kube.get(DEPLOYMENT)
    ingresses = await kube.list(INGRESSES)
    return {
        "deployment": (deployment["metadata"]["uid"], deployment["metadata"]["generation"]),
        "pods": [pod.name for pod in await gateway_pods(kube)],
        "ingresses": sorted((item["metadata"]["uid"], item["metadata"]["generation"]) for item in ingresses),
    }


async def configuration(kube: Any) -> Any:
    secret = await kube.get(f"{BETA9}/secrets/beta9-config-helm")
    return yaml.safe_load(base64.b64decode(secret["data"]["config.yaml"]))


async def test_there_again_and_rotated(
    bootstrapper: Bootstrapper, account: Account, connection: Any, session: boto3.Session
) -> None:
    kube = connection.kube
    await bootstrapper.baseline()
    answer = await bootstrapper.beta9()
    first = await state(kube)
    config = await configuration(kube)
    token = account.read(CACHE)["auth_token"]
    assert config["database"]["redis"]["password"] == token
    assert config["database"]["redis"]["enableTLS"] is True
    (key,) = account.keys()
    assert config["storage"]["workspaceStorage"]["defaultAccessKey"] == key
    assert len(first["pods"]) == 1 and len(first["ingresses"]) == 2

    assert await bootstrapper.beta9() == answer
    assert await state(kube) == first, "an unchanged request must change nothing"
    assert account.keys() == [key]

    account.set_token("AnotherCacheToken5678", 2)
    account.keep(DATABASE, {"username": "beta9", "password": "Ijklmnop5678canary", "version": 2})
    bootstrapper.versions.postgres_password = bootstrapper.versions.redis_auth_token = 2
    bootstrapper.versions.workspace_storage_key = 2
    assert await bootstrapper.beta9() == answer
    second = await state(kube)
    assert second["pods"] != first["pods"], "the gateway runs on with the old credentials"
    assert second["ingresses"] == first["ingresses"], "a rotation must not close the way in"
    config = await configuration(kube)
    assert config["database"]["redis"]["password"] == "AnotherCacheToken5678"
    assert config["database"]["postgres"]["password"] == "Ijklmnop5678canary"
    held = account.keys()
    assert key in held, "Beta9's database names it for workspaces that have storage"
    (new,) = set(held) - {key}
    assert config["storage"]["workspaceStorage"]["defaultAccessKey"] == new
    assert account.read(f"beta9/environments/{UID}/workspace-storage")["version"] == 2

    assert await bootstrapper.beta9() == answer
    assert await state(kube) == second
    told = "\n".join(bootstrapper.lines)
    for secret in (token, "AnotherCacheToken5678", "Ijklmnop5678canary"):
        assert secret not in told

    await _a_stale_token_is_refused(kube)
    # Beta9's own buckets are not the drain's: the engine settles them by policy.
    bucket = "beta9-it-ws-2f9a"
    session.client("s3").create_bucket(Bucket=bucket)
    await bootstrapper.drain()
    assert bucket in {one["Name"] for one in session.client("s3").list_buckets()["Buckets"]}
    assert account.keys() == []
    session.client("s3").delete_bucket(Bucket=bucket)


async def _a_stale_token_is_refused(kube: Any) -> None:
    """The proof that the gateway's health rests on the token."""
    for wrong, said in (("StaleCacheToken000000", "refuses the password"), ("", "wants a password")):
        config = await configuration(kube)
        config["database"]["redis"]["password"] = wrong
        secret = await kube.get(f"{BETA9}/secrets/beta9-config-helm")
        data = {"config.yaml": base64.b64encode(yaml.safe_dump(config).encode()).decode()}
        await kube.apply(
            f"{BETA9}/secrets/beta9-config-helm",
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret["metadata"]["name"]}, "data": data},
        )
        (pod,) = await gateway_pods(kube)
        await kube.delete(f"{BETA9}/pods/{pod.name}")

        async def unhealthy(before: str = pod.name, said: str = said) -> bool | None:
            for one in await gateway_pods(kube):
                if one.running and one.name != before:
                    try:
                        answer = await check_health(kube, one.name)
                    except Failure:
                        return None
                    return True if answer.status == 503 and said in answer.body else None
            return None

        assert await poll(unhealthy, seconds=30, interval=0.2), said
