"""`Commits`: a use case's transaction, done once for a request and to its end."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.longrunning import operations_pb2
from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database
from services.environment_registry import refusals
from services.environment_registry.repository import operations, requests

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[operations_pb2.Operation]]


class Commits:
    """The way of every change into the database.

    Args:
        wake: called after a commit that wrote events.
    """

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database = database
        self._wake = wake

    async def once(
        self, workspace: str, request_id: str, request: Message, validate_only: bool, work: Work
    ) -> operations_pb2.Operation:
        """Do `work` for the first request of an id, and answer its repeats as the first was answered.

        Raises REQUEST_ID_INVALID, REQUEST_ID_REUSED.
        """
        if request_id and not _is_uuid(request_id):
            raise refusals.request_id_invalid(request_id)
        if validate_only:
            return await self.commit(work, wake=False)
        # One of our own where the client gave none: a transaction whose commit was not answered is run again, and must
        # not take what it did for somebody else's.
        key = request_id or str(uuid.uuid4())

        async def reserved(connection: AsyncConnection) -> operations_pb2.Operation:
            digest = _digest(request)
            first = await requests.reserve_request(connection, workspace, key, digest)
            if first is None:
                answer = await work(connection)
                await requests.note_answer(connection, workspace, key, answer.SerializeToString())
                return answer
            if first[0] != digest:
                raise refusals.request_id_reused(request_id)
            answer = operations_pb2.Operation.FromString(first[1])
            # As it is by now, unless it was forgotten meanwhile.
            present = await operations.rendered_operation(connection, workspace, answer.name.rpartition("/")[2])
            return operations_pb2.Operation.FromString(present[0]) if present is not None else answer

        return await self.commit(reserved)

    async def commit(self, work: Callable[[AsyncConnection], Awaitable[T]], *, wake: bool = True) -> T:
        """Do `work` in a transaction, which a client that goes away must not leave in the middle."""
        result = await asyncio.shield(asyncio.ensure_future(self._database.run(work)))
        if wake:
            self._wake()
        return result


def _digest(request: Message) -> bytes:
    """Answer what two requests of one id must have in common: method and payload."""
    copy = type(request).FromString(request.SerializeToString())
    copy.ClearField("request_id")
    payload = copy.SerializeToString(deterministic=True)
    return hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0" + payload).digest()


def _is_uuid(text: str) -> bool:
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return False
    return str(parsed) == text.lower()
