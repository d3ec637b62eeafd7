"""One synthesizer and one cloud for all tests of the engine: each takes seconds to start."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from services.infra_engine.synthesis import ChildSynthesizer
from tests.integration.infra_engine.inputs import registry

ROOT = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def synthesizer() -> AsyncIterator[ChildSynthesizer]:
    """A synthesizer whose child stays for the module; its tests run on the module's loop."""
    shared = ChildSynthesizer(registry())
    yield shared
    await shared.aclose()


@dataclass(frozen=True)
class Cloud:
    """A sandbox's AWS, without Kubernetes behind its clusters."""

    url: str

    def account(self, account_id: str) -> dict[str, str]:
        """The administrator's key of an account, by environment variable."""
        key = self._post(f"accounts/{account_id}", {})
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": str(key["access_key_id"]),
            "AWS_SECRET_ACCESS_KEY": str(key["secret_access_key"]),
        }

    def fail(self, service: str, action: str, code: str, *, count: int = 1, status: int = 400) -> None:
        """The next calls of an action fail."""
        order = {"service": service, "action": action, "code": code, "count": count, "status": status}
        self._post("faults", order)

    def mend(self) -> None:
        """No call fails any more."""
        request = urllib.request.Request(f"{self.url}/sandbox/faults", method="DELETE")
        urllib.request.urlopen(request).close()

    def inventory(self, account_id: str) -> int:
        """How many resources the account holds."""
        with urllib.request.urlopen(f"{self.url}/sandbox/accounts/{account_id}/inventory") as answer:
            return int(json.load(answer)["total"])

    def _post(self, path: str, content: dict[str, object]) -> dict[str, object]:
        request = urllib.request.Request(f"{self.url}/sandbox/{path}", json.dumps(content).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            found: dict[str, object] = json.load(answer)
            return found


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    argv = [sys.executable, "-m", "libs.sandbox", "serve", "--port", "0", "--without-kubernetes"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "--state-dir", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )
    with process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        try:
            assert "ready at" in ready, (folder / "log").read_text()
            yield Cloud(ready.split()[-1])
        finally:
            process.terminate()
