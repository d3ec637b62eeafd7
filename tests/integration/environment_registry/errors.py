"""Reads the details of an error."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

M = TypeVar("M", bound=Message)


class Refused:
    """A call's error: its code, reason, and details by type."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.code = error.code()
        status = rpc_status.from_call(error)
        assert status is not None, f"{error.code()} without details: {error.details()}"
        self.status = status
        info = self.detail(error_details_pb2.ErrorInfo)
        assert info.domain == "provisioning.beta9.dev"
        self.reason = info.reason

    def detail(self, message_type: type[M]) -> M:
        for packed in self.status.details:
            message = message_type()
            if packed.Unpack(message):
                return message
        raise AssertionError(f"no {message_type.__name__} in {self.status}")

    @property
    def fields(self) -> set[str]:
        return {violation.field for violation in self.detail(error_details_pb2.BadRequest).field_violations}


async def refused(call: Awaitable[object]) -> Refused:
    """Expect a call to be refused."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return Refused(caught.value)
