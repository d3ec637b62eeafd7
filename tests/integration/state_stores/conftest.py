"""The three kinds of store, each on what serves it: the sandbox's AWS, and a real fake-gcs-server."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from libs.aws_access import AwsAccess
from libs.embedded import onboarding
from libs.state_stores import StateLocation, StateStore, StoreKind, open_store
from tests.integration.sandbox_aws.conftest import Cloud, become_platform, serve

ROOT = Path(__file__).parents[3]
CUSTOMER = "822233334444"
ACCESS = AwsAccess(CUSTOMER, "us-east-1", f"arn:aws:iam::{CUSTOMER}:role/Beta9Provisioner", "an-external-id")
TABLE = "terraform-locks"


@dataclass
class Place:
    """One state's place of one kind, and an outsider's way to its objects and its lock."""

    location: StateLocation
    put: Callable[[str, bytes], None]
    """Writes an object of the bucket without a condition."""
    lock_as_terraform: Callable[[dict[str, str]], str]
    """Locks as plain Terraform does; answers the id that force-unlock wants."""
    lock_content: Callable[[], dict[str, Any] | None]
    digest: Callable[[], str | None] | None = None

    def store(self) -> StateStore:
        """A store of an owner's own: nothing is remembered from another's."""
        return open_store(ACCESS, self.location, path_style=True)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with serve(tmp_path_factory.mktemp("sandbox"), "--without-kubernetes") as running:
        asyncio.run(onboarding.onboard(running.url, ACCESS.role_arn, ACCESS.external_id))
        yield running


@pytest.fixture(scope="session")
def gcs_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A fake-gcs-server on a free port, ended after."""
    program = ROOT / ".tools" / "bin" / "fake-gcs-server"
    found = str(program) if program.exists() else shutil.which("fake-gcs-server")
    assert found, "fake-gcs-server is missing: run `python -m scripts.setup --tools fake-gcs-server`"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = (tmp_path_factory.mktemp("gcs") / "log").open("wb")
    host = f"127.0.0.1:{port}"
    # Terraform's client reads objects by the API whose bucket is in the path, which answers for its public host alone.
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-public-host", host]
    options += ["-backend", "memory", "-external-url", url]
    process = subprocess.Popen([found, *options], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"{url}/_internal/healthcheck", timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline and process.poll() is None, "fake-gcs-server did not start"
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)
        log.close()


@pytest.fixture(params=[kind.value for kind in StoreKind])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A new state's place of every kind."""
    kind = StoreKind(request.param)
    name = secrets.token_hex(5)
    if kind is StoreKind.GCS:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", request.getfixturevalue("gcs_url"))
        return _gcs(StateLocation(f"state-{name}", f"prefix/{name}/default.tfstate", "", kind))
    cloud = request.getfixturevalue("cloud")
    become_platform(cloud, monkeypatch)
    table = TABLE if kind is StoreKind.S3_DYNAMODB else ""
    location = StateLocation(
        f"state-{name}", f"{name}/terraform.tfstate", ACCESS.region, kind, dynamodb_table=table
    )  # fmt: skip
    return _s3(cloud, location)


def _s3(cloud: Cloud, location: StateLocation) -> Place:
    account = cloud.account(CUSTOMER)
    s3, tables = account.client("s3"), account.client("dynamodb")
    s3.create_bucket(Bucket=location.bucket)
    s3.put_bucket_versioning(Bucket=location.bucket, VersioningConfiguration={"Status": "Enabled"})
    item = {"LockID": {"S": f"{location.bucket}/{location.key}"}}

    def put(key: str, raw: bytes) -> None:
        s3.put_object(Bucket=location.bucket, Key=key, Body=raw)

    def lock(info: dict[str, str]) -> str:
        put(location.lock_key, json.dumps(info).encode())
        return info["ID"]

    def lock_content() -> dict[str, Any] | None:
        found = s3.list_objects_v2(Bucket=location.bucket, Prefix=location.lock_key).get("Contents")
        return json.load(s3.get_object(Bucket=location.bucket, Key=location.lock_key)["Body"]) if found else None

    if location.kind is StoreKind.S3:
        return Place(location, put, lock, lock_content)
    if TABLE not in tables.list_tables()["TableNames"]:
        tables.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def lock_in_table(info: dict[str, str]) -> str:
        tables.put_item(TableName=TABLE, Item={**item, "Info": {"S": json.dumps(info)}})
        return info["ID"]

    def table_content() -> dict[str, Any] | None:
        found = tables.get_item(TableName=TABLE, Key=item).get("Item")
        return json.loads(found["Info"]["S"]) if found else None

    def digest() -> str | None:
        key = {"LockID": {"S": f"{location.bucket}/{location.key}-md5"}}
        found = tables.get_item(TableName=TABLE, Key=key).get("Item")
        return str(found["Digest"]["S"]) if found else None

    return Place(location, put, lock_in_table, table_content, digest)


def _gcs(location: StateLocation) -> Place:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from google.cloud import storage

    bucket = storage.Client(project="test").bucket(location.bucket)
    bucket.versioning_enabled = True
    bucket.create()

    def put(key: str, raw: bytes) -> None:
        bucket.blob(key).upload_from_string(raw)

    def lock(info: dict[str, str]) -> str:
        blob = bucket.blob(location.lock_key)
        blob.upload_from_string(json.dumps(info).encode(), if_generation_match=0)
        return str(blob.generation)

    def lock_content() -> dict[str, Any] | None:
        blob = bucket.get_blob(location.lock_key)
        return None if blob is None else json.loads(blob.download_as_bytes())

    return Place(location, put, lock, lock_content)
