"""Plain Terraform, pointed at each kind of place, reads our states, heeds our locks, and writes what we then read."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from libs.state_stores import StoreKind
from tests.integration.sandbox_aws.conftest import Cloud
from tests.integration.state_stores.conftest import CUSTOMER, Place

pytestmark = pytest.mark.integration


def state(serial: int) -> bytes:
    document = {"version": 4, "terraform_version": "1.0.0", "serial": serial, "lineage": "one", "outputs": {}}
    return json.dumps({**document, "resources": [], "check_results": None}).encode()


class Terraform:
    """An operator's folder."""

    def __init__(self, folder: Path, place: Place, request: pytest.FixtureRequest) -> None:
        self._folder = folder
        where = place.location
        if where.kind is StoreKind.GCS:
            kind = "gcs"
            backend: dict[str, object] = {
                "bucket": where.bucket,
                "prefix": where.key.removesuffix("/default.tfstate"),
                "storage_custom_endpoint": f"{request.getfixturevalue('gcs_url')}/storage/v1/",
                "access_token": "none",
            }
        else:
            cloud: Cloud = request.getfixturevalue("cloud")
            keys = cloud.account(CUSTOMER).keys
            kind = "s3"
            backend = {
                "bucket": where.bucket,
                "key": where.key,
                "region": where.region,
                "access_key": keys.access_key_id,
                "secret_key": keys.secret_access_key,
                "endpoints": {name: cloud.url for name in ("s3", "dynamodb", "sts", "iam")},
                "use_path_style": True,
                "skip_credentials_validation": True,
                "skip_requesting_account_id": True,
                "skip_metadata_api_check": True,
            }
            backend |= {"dynamodb_table": where.dynamodb_table} if where.dynamodb_table else {"use_lockfile": True}
        (folder / "main.tf.json").write_text(json.dumps({"terraform": {"backend": {kind: backend}}}))

    async def __call__(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        return await asyncio.to_thread(
            subprocess.run, ["terraform", *arguments], cwd=self._folder, env=plain, input=given, capture_output=True
        )


async def test_terraform_agrees(place: Place, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = place.store()
    first = await store.write(state(1), over=None, fence=1, run="r1")
    second = await store.write(state(2), over=first.etag, fence=1, run="r1")
    terraform = Terraform(tmp_path, place, request)
    begun = await terraform("init", "-input=false", "-no-color")
    assert begun.returncode == 0, begun.stderr.decode()
    pulled = await terraform("state", "pull")
    assert json.loads(pulled.stdout)["serial"] == 2, pulled.stderr.decode()

    await store.lock(run="r1", operation="OperationTypeApply", created="2026-11-24T10:00:00Z")
    refused = await terraform("state", "push", "-", given=state(3))
    assert refused.returncode != 0
    assert b"state lock" in refused.stderr and b"beta9-provisioning" in refused.stderr, refused.stderr.decode()
    held = await store.holder()
    assert held is not None and held.id.encode() in refused.stderr
    await store.unlock()

    pushed = await terraform("state", "push", "-", given=state(3))
    assert pushed.returncode == 0, pushed.stderr.decode()
    read = await store.read()
    assert read is not None and json.loads(read.raw)["serial"] > 2 and read.etag != second.etag
    # A run's next write is over what the operator wrote, and Terraform goes on from there.
    await store.write(state(9), over=read.etag, fence=2, run="r2")
    assert json.loads((await terraform("state", "pull")).stdout)["serial"] == 9
    assert await store.holder() is None
