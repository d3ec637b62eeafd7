"""One synthesizer and one cloud for all tests of the engine: each takes seconds to start."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from services.infra_engine.synthesis import ChildSynthesizer
from tests.integration.infra_engine.inputs import registry
from tests.integration.sandbox_aws.conftest import ROOT, Cloud, serve

__all__ = ["ROOT", "Cloud", "cloud", "synthesizer"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def synthesizer() -> AsyncIterator[ChildSynthesizer]:
    """A synthesizer whose child stays for the module; its tests run on the module's loop."""
    shared = ChildSynthesizer(registry())
    yield shared
    await shared.aclose()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A sandbox's AWS, without Kubernetes behind its clusters."""
    with serve(tmp_path_factory.mktemp("cloud"), "--without-kubernetes") as running:
        yield running
