from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from libs.failures import Failure, Kind
from services.cluster_bootstrapper import admin_token
from services.cluster_bootstrapper.admin_token import claim_admin_token
from services.cluster_bootstrapper.authorize import Authorization, parse_authorization
from services.cluster_bootstrapper.environment_secrets import (
    admin_token_name,
    cache_auth_token,
    encryption_key,
    encryption_key_name,
    postgres_login,
    schedule_secret_deletion,
)
from services.cluster_bootstrapper.ports import AccessKey, Log, StoredSecret

TOKEN = admin_token_name("u1")


class Gateway:
    """A gateway that gives its first token once."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> Authorization:
        self.calls += 1
        if self.calls > 1:
            return Authorization(ok=False, error="Invalid token")
        return Authorization(ok=True, workspace_id="w", new_token="canary-token")


async def test_the_encryption_key_is_made_once_and_stays(store: Any) -> None:
    first = await encryption_key(store, "u1")
    assert first.value is not None and first.value.startswith("sk_")
    assert len(base64.b64decode(first.value.removeprefix("sk_"), validate=True)) == 32
    assert (await encryption_key(store, "u1")).value == first.value
    assert (await encryption_key(store, "u2")).value != first.value


async def test_a_key_secret_without_a_value_gets_one(store: Any) -> None:
    store.values["beta9/environments/u1/encryption-key"] = None
    made = await encryption_key(store, "u1")
    assert made.value == store.values["beta9/environments/u1/encryption-key"] is not None


async def test_the_database_login_is_read_from_its_secret(store: Any) -> None:
    store.values["db"] = json.dumps({"username": "beta9", "password": "pw"})
    assert await postgres_login(store, "arn:secret:db") == ("beta9", "pw")


async def test_the_caches_token_is_read_from_its_secret(store: Any) -> None:
    store.values["cache"] = json.dumps({"auth_token": "canary", "version": 2, "progress": "set"})
    assert await cache_auth_token(store, "arn:secret:cache") == "canary"
    assert await cache_auth_token(store, "") == ""


@pytest.mark.parametrize(
    "value", ["canary", '{"username": "canary"}', '["canary"]', '"canary"', '{"username": "canary", "password": ""}']
)
@pytest.mark.parametrize("read", [postgres_login, cache_auth_token])
async def test_a_malformed_secret_is_told_without_its_text(store: Any, read: Any, value: str) -> None:
    store.values["db"] = value
    with pytest.raises(Failure) as caught:
        await read(store, "db")
    assert caught.value.reason == "SECRET_MALFORMED"
    assert "canary" not in f"{caught.value} {caught.value.private} {caught.value.__context__!r}"


async def test_the_first_token_is_claimed_and_kept(store: Any, log: Log, lines: list[str]) -> None:
    gateway = Gateway()
    assert await claim_admin_token(store, "u1", gateway, log) == f"arn:secret:{TOKEN}"
    assert store.values[TOKEN] == "canary-token"
    # The secret is there before the token is asked for, so that a token is never lost for want of a place.
    assert store.calls == [f"create_once {TOKEN}", f"put {TOKEN}"]
    assert lines and "canary-token" not in "".join(lines)


async def test_claiming_again_asks_nobody(store: Any, log: Log) -> None:
    gateway = Gateway()
    await claim_admin_token(store, "u1", gateway, log)
    assert await claim_admin_token(store, "u1", gateway, log) == f"arn:secret:{TOKEN}"
    assert gateway.calls == 1


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_token, "_ASK_PAUSE", 0.0)
    monkeypatch.setattr(admin_token, "_STORE_PAUSES", (0.0, 0.0))


@pytest.mark.usefixtures("no_pauses")
async def test_a_token_that_somebody_else_has_is_told(store: Any, log: Log) -> None:
    gateway = Gateway()
    gateway.calls = 1
    with pytest.raises(Failure) as caught:
        await claim_admin_token(store, "u1", gateway, log)
    assert caught.value.reason == "ADMIN_TOKEN_LOST"
    assert TOKEN in caught.value.remedy
    assert caught.value.metadata == {"gateway_error": "Invalid token"}


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("error", ["Invalid token", "Failed to create new workspace"])
async def test_a_gateway_whose_database_is_away_for_a_moment_is_asked_again(store: Any, log: Log, error: str) -> None:
    """It says the same then as one that has given its token away."""
    answers = [Authorization(ok=False, error=error), Authorization(ok=True, new_token="canary-token")]

    async def gateway() -> Authorization:
        return answers.pop(0)

    await claim_admin_token(store, "u1", gateway, log)
    assert store.values[TOKEN] == "canary-token"


@pytest.mark.usefixtures("no_pauses")
async def test_a_token_is_stored_though_the_store_is_away_for_a_moment(
    store: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, refused = store.put, [Failure("THROTTLED", "Later.", kind=Kind.UNAVAILABLE)] * 2

    async def sometimes(name: str, value: str) -> None:
        if refused:
            raise refused.pop()
        await put(name, value)

    monkeypatch.setattr(store, "put", sometimes)
    gateway = Gateway()
    await claim_admin_token(store, "u1", gateway, log)
    assert store.values[TOKEN] == "canary-token" and gateway.calls == 1


async def test_a_cancellation_waits_until_the_token_is_kept(store: Any, log: Log) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Authorization:
        asked.set()
        await go_on.wait()
        return Authorization(ok=True, new_token="canary-token")

    claiming = asyncio.create_task(claim_admin_token(store, "u1", slow, log))
    await asked.wait()
    claiming.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await claiming
    assert store.values[TOKEN] == "canary-token"


async def test_secrets_are_let_go_with_time_to_restore_them(store: Any) -> None:
    await encryption_key(store, "u1")
    store.calls.clear()

    arns = await schedule_secret_deletion(store, "u1")

    assert arns == [f"arn:secret:{encryption_key_name('u1')}"]
    assert [call for call in store.calls if call.startswith("schedule_deletion")] == store.calls
    assert len(store.calls) == 3


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (b"", Authorization(ok=False)),
        (b"\x08\x01\x12\x01w\x1a\x05token", Authorization(ok=True, workspace_id="w", new_token="token")),
        (b"\x22\x0dInvalid token", Authorization(ok=False, error="Invalid token")),
        # Fields of a later version, of every wire type.
        (b"\x08\x01\x28\xac\x02\x35\x01\x02\x03\x04\x39" + bytes(8) + b"\x42\x01x", Authorization(ok=True)),
    ],
)
def test_the_gateways_answer_is_read(message: bytes, answer: Authorization) -> None:
    assert parse_authorization(message) == answer


@pytest.mark.parametrize("message", [b"\x08", b"\x12\x05ab", b"\x0b", b"\xff" * 12])
def test_a_torn_answer_is_no_answer(message: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        parse_authorization(message)


def test_secrets_do_not_show_themselves() -> None:
    shown = repr([StoredSecret("arn", "canary"), AccessKey("AKIA", "canary"), Authorization(True, new_token="canary")])
    assert "canary" not in shown
