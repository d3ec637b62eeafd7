"""How long Terraform plans the large document in an empty account of the sandbox."""

import os
import tempfile
import time
from pathlib import Path

from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, WorkFolder
from tests.bench.figures import Figure, spread
from tests.integration.infra_engine.inputs import EXAMPLES
from tests.integration.infra_engine.surroundings import Customer
from tests.integration.sandbox_aws.conftest import serve

_PLATFORM, _ACCOUNT = "111111111111", "222222222222"
_SECRETS = {"postgres_password": "a-password-for-a-plan"}
_RUNS = 3


async def measure() -> list[Figure]:
    synthesizer = ChildSynthesizer()
    with tempfile.TemporaryDirectory(prefix="bench-") as place, serve(Path(place), "--without-kubernetes") as cloud:
        customer = Customer(cloud, _ACCOUNT, _PLATFORM)
        try:
            stack = await synthesizer.synthesize(customer.environment(EXAMPLES["production"], "production"))
        finally:
            await synthesizer.aclose()
        folder = WorkFolder(Path(place) / "work")
        folder.prepare(stack.main_tf_json, stack.variables)
        terraform = LocalTerraform(environment={**os.environ, **cloud.variables(_PLATFORM)})
        await terraform.init(folder)
        took: list[float] = []
        for _ in range(_RUNS):
            started = time.perf_counter()
            async with terraform.plan(folder, _SECRETS) as command:
                async for _line in command:
                    pass
                await command.result()
            took.append(time.perf_counter() - started)
    summary = command.summary
    assert summary is not None
    return [
        Figure("plan of the large document", f"{min(took):.1f} s", "", f"{summary.add} resources; {spread(took, 's')}")
    ]
