"""A role's session that ends in the middle of an apply: the provider assumes the role again by itself."""

from __future__ import annotations

import asyncio
import os
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.infra_engine.synthesis import ChildSynthesizer
from services.infra_engine.terraform import LocalTerraform, parse_state
from tests.crash.messages import Request
from tests.crash.proxy import AwsProxy
from tests.integration.infra_engine import test_terraform as real
from tests.integration.infra_engine.conftest import Cloud

pytestmark = pytest.mark.asyncio(loop_scope="module")

role = real.role
_ENDS = re.compile(rb"<Expiration>([^<]+)</Expiration>")
_GIVEN = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")
_KEY = re.compile(r"Credential=([^/]+)/")
# Shorter than an apply here; AWS gives no less than 900.
_LIFE = 3.0
_EXPIRED = (
    b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired"
    b"</Message></Error></ErrorResponse>"
)


class ShortSessions(AwsProxy):
    """Lets every session of a role live for seconds, says so in it, and refuses it afterwards. Calls are slow."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.ends: dict[str, float] = {}
        self.refused = 0

    async def _answer(self, request: Request, reader: asyncio.StreamReader) -> bytes | None:
        key = _KEY.search(request.header("authorization"))
        if key is not None and time.time() > self.ends.get(key[1], time.time()):
            self.refused += 1
            return b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(_EXPIRED), _EXPIRED)
        answer = await super()._answer(request, reader)
        if answer is not None and (ends := _ENDS.search(answer)) and (given := _GIVEN.search(answer)):
            self.ends[given[1].decode()] = time.time() + _LIFE
            soon = (datetime.now(UTC) + timedelta(seconds=_LIFE)).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
            assert len(soon) == len(ends[1]), "the reply's length is told already"
            return answer.replace(ends[1], soon)
        await asyncio.sleep(0.2)
        return answer


async def test_the_provider_assumes_the_role_again_when_its_session_ends(
    cloud: Cloud, role: str, synthesizer: ChildSynthesizer, tmp_path: Path
) -> None:
    port = urlsplit(cloud.url).port
    assert port is not None
    async with ShortSessions(port) as proxy:
        account = {**cloud.variables(real.PLATFORM), "AWS_ENDPOINT_URL": proxy.url}
        terraform = LocalTerraform(environment={**os.environ, **account})
        wished = real.minimal(role, "short-sessions")
        env = await real.prepared(synthesizer, terraform, tmp_path / "work", wished)
        await real.plan(terraform, env.folder)
        before, began = len(proxy.ends), time.monotonic()
        await real.apply(terraform, env.folder)
        took = time.monotonic() - began
        state = parse_state(env.folder.state.read_bytes())
        assert state is not None and len(state.addresses()) == 3
        assert took > _LIFE, "the apply outlived a session"
        # A provider process that starts assumes the role once; the rest were for a session that had ended.
        assert len(proxy.ends) - before >= 2
