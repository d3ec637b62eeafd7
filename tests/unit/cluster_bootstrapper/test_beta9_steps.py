"""How long the steps that wait for the gateway may take in all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from libs.failures import Failure, Kind
from services.cluster_bootstrapper import beta9_steps
from services.cluster_bootstrapper.beta9_steps import Beta9Steps
from services.cluster_bootstrapper.settings import BootstrapperSettings


async def test_a_silent_gateway_fails_within_little_more_than_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tries of both steps together; a gateway may fall silent between them."""
    spent = 0.0

    @asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Any]:
        yield SimpleNamespace(kube=None)

    async def silent(kube: object, log: object, *, seconds: float) -> str:
        nonlocal spent
        spent += seconds
        raise Failure("GATEWAY_NEVER_ANSWERED", "Silence.", kind=Kind.DEADLINE_EXCEEDED, retryable=True)

    monkeypatch.setattr(beta9_steps, "connected", connected)
    monkeypatch.setattr(beta9_steps, "wait_for_gateway", silent)
    settings = BootstrapperSettings.read({"PROVISIONING_GATEWAY_DEADLINE_SECONDS": "600"})
    context: Any = SimpleNamespace(log=lambda line: None)
    for step in Beta9Steps(settings).steps():
        if step.name in ("wait_for_gateway", "claim_admin_token"):
            for _ in range(step.retries.tries):
                with pytest.raises(Failure, match="Silence"):
                    await step.run(context)
    assert 600 <= spent <= 800


@pytest.mark.parametrize("name", ["PROVISIONING_NODE_DEADLINE_SECONDS", "PROVISIONING_GATEWAY_DEADLINE_SECONDS"])
def test_a_deadline_that_is_no_number_names_its_setting(name: str) -> None:
    with pytest.raises(Failure, match=name) as caught:
        BootstrapperSettings.read({name: "soon"})
    assert caught.value.reason == "SETTING_INVALID"
