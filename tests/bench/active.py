"""From create to ACTIVE: our time over that of a careful operator's shell script with the same inputs.

Both get an account of their own in one sandbox, the same main.tf.json and the same charts with the same values. The
script (`by_hand.sh`) runs Terraform, then Helm chart after chart, then waits for the gateway's health.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import grpc.aio
import yaml
from google.longrunning import operations_pb2, operations_pb2_grpc
from provisioning.environment.v1 import environment_pb2 as resources
from provisioning.environment.v1 import environment_service_pb2 as messages
from provisioning.environment.v1 import environment_service_pb2_grpc as service

from libs.beta9ctl.document import Document, parse
from libs.embedded import Platform, cloud
from tests.bench import by_hand
from tests.bench.figures import Figure
from tests.bench.memory import ApplyWatch, resident

_ROOT = Path(__file__).parents[2]
_DOCUMENT = _ROOT / "examples" / "minimal.yaml"
_PARENT = "workspaces/default"


async def create(platform: Platform, account: str, name: str) -> tuple[float, float, resources.Environment]:
    """Seconds from create to ACTIVE, the most memory an apply took, and the environment."""
    document = _document(account, name)
    async with grpc.aio.insecure_channel(platform.endpoints.environment_registry) as channel:
        stub = service.EnvironmentServiceStub(channel)
        operations = operations_pb2_grpc.OperationsStub(channel)
        issued = await stub.IssueExternalId(messages.IssueExternalIdRequest(parent=_PARENT))
        await platform.onboard(f"arn:aws:iam::{account}:role/Beta9Provisioner", issued.external_id)
        worker = platform.processes["infra_engine.worker"] or 0
        watch = ApplyWatch(worker, resident(worker))
        started = time.perf_counter()
        operation = await stub.CreateEnvironment(
            messages.CreateEnvironmentRequest(
                parent=_PARENT, environment_id=name, environment=resources.Environment(spec=document.spec)
            )
        )
        while not operation.done:
            watch.look()
            request = operations_pb2.WaitOperationRequest(name=operation.name)
            request.timeout.FromMilliseconds(500)
            operation = await operations.WaitOperation(request)
        seconds = time.perf_counter() - started
        if operation.HasField("error"):
            raise SystemExit(f"the environment did not get to ACTIVE: {operation.error.message}")
        environment = await stub.GetEnvironment(messages.GetEnvironmentRequest(name=f"{_PARENT}/environments/{name}"))
    return seconds, watch.most, environment


async def script(platform: Platform, account: str, name: str) -> float:
    """Seconds of the script, to the gateway's health."""
    sandbox = platform.endpoints.sandbox
    assert sandbox is not None
    external_id = "by-hand"
    await platform.onboard(f"arn:aws:iam::{account}:role/Beta9Provisioner", external_id)
    key = await cloud.administrator_key(sandbox, cloud.PLATFORM_ACCOUNT)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder)
        document = _document(account, name)
        await by_hand.prepare(path, document.spec, name, external_id)
        environment = {
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            **key,
            "PATH": f"{_ROOT / '.tools' / 'bin'}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": sandbox,
            "AWS_REGION": "us-east-1",
            "PROVISIONING_STS_TOKEN_ENDPOINT": sandbox,
            "BY_HAND": f"{sys.executable} -m tests.bench.by_hand",
            "CHARTS": str(_ROOT / "libs" / "sandbox" / "charts"),
            "PYTHONPATH": str(_ROOT),
            "GOGC": "400",
            "TF_CLI_CONFIG_FILE": str(path / "cli.tfrc"),
        }
        started = time.perf_counter()
        child = await asyncio.create_subprocess_exec(
            "bash", str(Path(__file__).with_name("by_hand.sh")), cwd=folder, env=environment,
            stdout=(log := (path / "log").open("wb")), stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        code = await child.wait()
        seconds = time.perf_counter() - started
        log.close()
        if code != 0:
            raise SystemExit(f"the script failed:\n{(path / 'log').read_text()[-3000:]}")
    return seconds


def figures(pairs: list[tuple[float, float]], most: float) -> list[Figure]:
    ratio = sum(ours for ours, _ in pairs) / sum(theirs for _, theirs in pairs)
    detail = ", ".join(f"{ours:.0f} s over {theirs:.0f} s" for ours, theirs in pairs)
    beside = "the most seen, while no synthesis child lived"
    return [
        Figure("create to ACTIVE over a shell script of terraform and helm", f"{ratio:.2f}", "<= 1.0", detail),
        Figure("an apply in flight beside Terraform and its provider", f"{most:.0f} MB", "<= 100 MB", beside),
    ]


def _document(account: str, name: str) -> Document:
    document = yaml.safe_load(_DOCUMENT.read_text())
    document["name"] = name
    document["cloud"]["account_id"] = account
    document["cloud"]["role_arn"] = f"arn:aws:iam::{account}:role/Beta9Provisioner"
    return parse(document)
