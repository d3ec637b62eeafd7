"""What the launcher asks of the sandbox, over its own HTTP API."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

from libs.embedded.failures import PlatformError

PLATFORM_ACCOUNT = "100000000001"
"""Whose key the services hold: the operator's own AWS account."""


async def administrator_key(sandbox_url: str, account_id: str) -> dict[str, str]:
    """Make an account in the sandbox and give its administrator's key as the SDKs' variables. Idempotent."""
    answer = await asyncio.to_thread(_post, f"{sandbox_url}/sandbox/accounts/{account_id}")
    try:
        return {
            "AWS_ACCESS_KEY_ID": answer["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": answer["secret_access_key"],
        }
    except KeyError as missing:
        raise PlatformError(f"the sandbox gave no {missing} for account {account_id}: see its log") from missing


def _post(url: str) -> dict[str, str]:
    request = urllib.request.Request(url, data=b"", method="POST")
    # No proxy: it would be asked for an address on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            result: dict[str, str] = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise PlatformError(f"the sandbox does not make accounts ({url}: {error}): see its log") from error
    return result
