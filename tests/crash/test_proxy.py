"""The proxy: whose call it is, what it holds, and on which side of AWS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio

from tests.crash.proxy import AwsProxy, Trap, When

ACCOUNT = "400000000001"
_KEYS = "<AssumeRoleResponse><AccessKeyId>ASIAONE</AccessKeyId></AssumeRoleResponse>"
_SIGNED = "AWS4-HMAC-SHA256 Credential=ASIAONE/20261124/us-east-1/ec2/aws4_request, Signature=0"


@dataclass
class Aws:
    """Answers everything, in chunks, and remembers what it heard."""

    port: int = 0
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.split("\r\n") if line.startswith("Content-Length"))
        body = (await reader.readexactly(int(length.split(":")[1]))).decode()
        self.heard.append(body)
        answer = _KEYS if "AssumeRole" in body else "<Done/>"
        writer.write(
            f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{len(answer):x}\r\n{answer}\r\n0\r\n\r\n".encode()
        )
        writer.close()


@pytest_asyncio.fixture
async def aws() -> AsyncIterator[Aws]:
    found = Aws()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


async def _call(proxy: AwsProxy, body: str, agent: str = "Terraform/1.11") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    writer.write(
        f"POST / HTTP/1.1\r\nHost: aws\r\nUser-Agent: {agent}\r\nAuthorization: {_SIGNED}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.decode().split("\r\n") if line.startswith("Content-Length"))
        return await reader.readexactly(int(length.split(":")[1]))
    finally:
        writer.close()


async def _assume(proxy: AwsProxy) -> None:
    await _call(proxy, f"Action=AssumeRole&RoleArn=arn:aws:iam::{ACCOUNT}:role/R")


async def test_calls_of_terraform_are_counted_by_account_and_action(aws: Aws) -> None:
    async with AwsProxy(aws.port) as proxy:
        await _assume(proxy)
        assert await _call(proxy, "Action=CreateVpc") == b"<Done/>"
        await _call(proxy, "Action=CreateVpc", agent="Boto3/1.40")
        await _call(proxy, "Action=CreateVpc")
        told = [(call.number, str(call)) for call in proxy.calls(ACCOUNT)]
    assert told == [(1, "ec2:AssumeRole#1"), (2, "ec2:CreateVpc#1"), (3, "ec2:CreateVpc#2")]
    assert len(aws.heard) == 4


async def _held(aws: Aws, when: When) -> list[str]:
    """What AWS has heard by the time at which the second CreateVpc is held."""
    heard: list[str] = []

    async def spring() -> None:
        heard.extend(aws.heard)

    async with AwsProxy(aws.port) as proxy:
        await _assume(proxy)
        proxy.begin(ACCOUNT)
        trap = Trap("ec2:CreateVpc", 2, when, spring)
        proxy.arm(ACCOUNT, trap)
        await _call(proxy, "Action=CreateVpc")
        caller = asyncio.create_task(_call(proxy, "Action=CreateVpc&Second=1"))
        assert str(await asyncio.wait_for(trap.sprung, 10)) == "ec2:CreateVpc#2"
        await _call(proxy, "Action=CreateVpc")  # the next one of the action goes through
        assert not caller.done(), "a held call was answered"
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
    return heard


async def test_a_call_is_held_before_aws_has_heard_of_it(aws: Aws) -> None:
    assert "Action=CreateVpc&Second=1" not in await _held(aws, When.BEFORE)
    assert "Action=CreateVpc&Second=1" not in aws.heard


async def test_the_reply_is_held_after_aws_has_done_it(aws: Aws) -> None:
    assert "Action=CreateVpc&Second=1" in await _held(aws, When.AFTER)
