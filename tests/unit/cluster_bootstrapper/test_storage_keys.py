"""The static key of workspace storage: made once a version, stored before its use, the old one let go afterwards."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.environment_secrets import workspace_storage_name
from services.cluster_bootstrapper.ports import AccessKey
from services.cluster_bootstrapper.storage_keys import beta9_configuration, storage_key

NAME = workspace_storage_name("u1")


class Crash(Exception):
    """The worker is killed."""


class Iam:
    """A user's keys, two at most, as IAM has it."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.made = 0

    async def create(self, user: str) -> AccessKey:
        assert len(self.ids) < 2, "LimitExceeded"
        self.made += 1
        self.ids.append(f"AKIA{self.made}")
        return AccessKey(self.ids[-1], f"secret{self.made}")

    async def remove_except(self, user: str, kept: Callable[[str], bool]) -> list[str]:
        removed = [one for one in self.ids if not kept(one)]
        self.ids = [one for one in self.ids if kept(one)]
        return removed


class Environment:
    """One environment's key; `configuration` is what Beta9 was last installed with."""

    def __init__(self, store: Any) -> None:
        self.store, self.iam, self.configuration = store, Iam(), ""

    async def ensure(self, version: int) -> AccessKey:
        async def configured() -> str:
            return self.configuration

        return await storage_key(self.store, self.iam, "u1", "user", version=version, configured=configured)

    async def install(self, version: int) -> None:
        self.configuration = f"defaultAccessKey: {(await self.ensure(version)).access_key_id}"

    async def whole(self, version: int) -> None:
        """As the steps do it."""
        await self.ensure(version)
        await self.install(version)

    @property
    def used(self) -> str:
        return self.configuration.rpartition(" ")[2]


@pytest.fixture
def environment(store: Any) -> Environment:
    return Environment(store)


async def test_it_is_made_once_and_kept_with_its_version(environment: Environment) -> None:
    made = await environment.ensure(1)
    assert await environment.ensure(1) == made == AccessKey("AKIA1", "secret1")
    kept = json.loads(environment.store.values[NAME])
    assert kept == {"access_key_id": "AKIA1", "secret_access_key": "secret1", "version": 1}
    assert environment.iam.ids == ["AKIA1"]


async def test_a_higher_version_makes_a_new_one_and_the_old_one_stays_until_the_next(environment: Environment) -> None:
    await environment.whole(1)
    made = await environment.ensure(2)
    assert json.loads(environment.store.values[NAME])["version"] == 2
    assert environment.iam.ids == ["AKIA1", "AKIA2"], "Beta9 still runs with the first"
    await environment.install(2)
    assert environment.used == made.access_key_id == "AKIA2"
    assert environment.iam.ids == ["AKIA1", "AKIA2"], "workspaces that have storage still name the first"
    await environment.whole(3)
    assert environment.iam.ids == ["AKIA2", "AKIA3"]


async def test_what_was_stored_without_a_version_is_the_first(environment: Environment) -> None:
    environment.store.values[NAME] = json.dumps({"access_key_id": "AKIA0", "secret_access_key": "s"})
    environment.iam.ids = ["AKIA0"]
    assert (await environment.ensure(1)).access_key_id == "AKIA0"
    assert (await environment.ensure(2)).access_key_id == "AKIA1"


async def test_a_lower_version_is_not_gone_back_to(environment: Environment) -> None:
    await environment.whole(3)
    await environment.whole(2)
    assert environment.iam.ids == [environment.used] == ["AKIA1"]


async def test_a_rotation_that_never_reached_beta9_gives_way_to_the_next(environment: Environment) -> None:
    await environment.whole(1)
    await environment.ensure(2)
    await environment.ensure(3)
    assert environment.iam.ids == ["AKIA1", "AKIA3"], "the key that Beta9 runs with stays valid"
    await environment.whole(3)
    assert environment.iam.ids == ["AKIA1", environment.used] == ["AKIA1", "AKIA3"]


CALLS = ("store.create_once", "iam.remove_except", "iam.create", "store.put")


@pytest.mark.parametrize(("call", "after"), list(itertools.product(CALLS, (False, True))))
async def test_a_crash_anywhere_is_gone_on_from(
    environment: Environment, call: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once before and once after each call of a rotation, however often it is begun anew."""
    await environment.whole(1)
    where, _, method = call.partition(".")
    target = getattr(environment, where)
    real, left = getattr(target, method), 2

    async def sometimes(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0 and not after:
            raise Crash
        result = await real(*arguments)
        if left >= 0:
            raise Crash
        return result

    monkeypatch.setattr(target, method, sometimes)
    crashes = 0
    for _ in range(5):
        try:
            await environment.whole(2)
            break
        except Crash:
            crashes += 1
            assert environment.used in environment.iam.ids, "Beta9 lost its key"
    assert 1 <= crashes <= 2
    assert environment.iam.ids == ["AKIA1", environment.used]
    kept = json.loads(environment.store.values[NAME])
    assert (kept["access_key_id"], kept["version"]) == (environment.used, 2)
    assert environment.used != "AKIA1"


@pytest.mark.parametrize("value", ["canary", '["canary"]', '{"access_key_id": "canary"}', '{"version": []}'])
async def test_a_malformed_secret_is_told_without_its_text(environment: Environment, value: str) -> None:
    environment.store.values[NAME] = value
    with pytest.raises(Failure) as caught:
        await environment.ensure(1)
    assert caught.value.reason == "SECRET_MALFORMED"
    assert "canary" not in f"{caught.value} {caught.value.private} {caught.value.__context__!r}"
    assert environment.iam.made == 0


async def test_the_configuration_is_read_from_the_charts_secret(kube: Any) -> None:
    assert await beta9_configuration(kube) == ""
    path = "/api/v1/namespaces/beta9/secrets/beta9-config-helm"
    kube.put(path, {"metadata": {"name": "x"}, "data": {"config.yaml": base64.b64encode(b"key: AKIA1").decode()}})
    assert await beta9_configuration(kube) == "key: AKIA1"
