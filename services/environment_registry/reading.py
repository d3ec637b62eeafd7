"""What clients read: rendered rows, a page at a time."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json

from google.longrunning import operations_pb2
from provisioning.environment.v1 import environment_pb2

from libs.persistence import Database
from services.environment_registry import refusals
from services.environment_registry.changes_feed import ChangeFeed
from services.environment_registry.names import EnvironmentName, OperationName, id_is_legal
from services.environment_registry.repository import environments, operations

_DEFAULT_PAGE = 50
_LARGEST_PAGE = 1000
# How often a waiting call looks by itself, in seconds; the feed of changes wakes it sooner.
_WAIT_POLL = 2.0


class Reader:
    """Answers questions; changes nothing."""

    def __init__(self, database: Database, feed: ChangeFeed) -> None:
        self._database = database
        self._feed = feed

    async def environment(self, name: EnvironmentName) -> environment_pb2.Environment:
        """Answer the newest environment of a name, DELETED or not. Raises ENVIRONMENT_NOT_FOUND."""
        async with self._database.reading() as connection:
            rendered = await environments.rendered_environment(connection, name.workspace, name.environment)
        if rendered is None:
            raise refusals.environment_not_found(str(name))
        return environment_pb2.Environment.FromString(rendered)

    async def environments(
        self, workspace: str, *, page_size: int, page_token: str, deleted: bool
    ) -> tuple[list[environment_pb2.Environment], str]:
        """Answer a page and the token of the next. Raises PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID."""
        size = _coerced(page_size)
        scope = f"environments of {workspace}, deleted {deleted}"
        found = _read_token(page_token, scope)
        match found:
            case None:
                after = ("", 0)
            case [str(identifier), int(number)] if id_is_legal(identifier) and _is_number(number):
                after = (identifier, number)
            case _:
                raise refusals.page_token_invalid()
        async with self._database.reading() as connection:
            rows = await environments.rendered_page(
                connection, workspace, after=after, limit=size + 1, deleted=deleted
            )  # fmt: skip
        page = rows[:size]
        token = _write_token([page[-1][0], page[-1][1]], scope) if len(rows) > size else ""
        return [environment_pb2.Environment.FromString(rendered) for _, _, rendered in page], token

    async def operation(self, name: OperationName) -> operations_pb2.Operation:
        """Answer an operation. Raises OPERATION_NOT_FOUND."""
        return (await self._operation(name))[0]

    async def _operation(self, name: OperationName) -> tuple[operations_pb2.Operation, str]:
        async with self._database.reading() as connection:
            found = await operations.rendered_operation(connection, name.workspace, name.operation)
        if found is None:
            raise refusals.operation_not_found(str(name))
        return operations_pb2.Operation.FromString(found[0]), found[1]

    async def wait(self, name: OperationName, seconds: float) -> operations_pb2.Operation:
        """Answer an operation once it is done, or as it is after `seconds`. Raises OPERATION_NOT_FOUND."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        operation, uid = await self._operation(name)
        if operation.done or seconds <= 0:
            return operation
        async with self._feed.waiting(uid) as changed:
            while True:
                changed.clear()
                operation = await self.operation(name)
                left = deadline - clock()
                if operation.done or left <= 0:
                    return operation
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(_WAIT_POLL, left)):
                        await changed.wait()

    async def operations(
        self, workspace: str, *, page_size: int, page_token: str, filter_text: str
    ) -> tuple[list[operations_pb2.Operation], str]:
        """Answer a page, the newest first. Raises PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_NOT_SUPPORTED."""
        size = _coerced(page_size)
        done = _done_filter(filter_text)
        scope = f"operations of {workspace}, done {done}"
        match _read_token(page_token, scope):
            case None:
                before = None
            case int(number) if _is_number(number):
                before = number
            case _:
                raise refusals.page_token_invalid()
        async with self._database.reading() as connection:
            rows = await operations.rendered_operations(
                connection, workspace, before=before, limit=size + 1, done=done
            )  # fmt: skip
        page = rows[:size]
        token = _write_token(page[-1][0], scope) if len(rows) > size else ""
        return [operations_pb2.Operation.FromString(rendered) for _, rendered in page], token


def _coerced(page_size: int) -> int:
    if page_size < 0:
        raise refusals.page_size_invalid(page_size)
    return min(page_size or _DEFAULT_PAGE, _LARGEST_PAGE)


def _is_number(number: int) -> bool:
    """Say whether a forged position fits into its column."""
    return not isinstance(number, bool) and 0 <= number < 2**63


def _done_filter(text: str) -> bool | None:
    match text.replace(" ", ""):
        case "":
            return None
        case "done=true" | "done":
            return True
        case "done=false":
            return False
        case _:
            raise refusals.filter_not_supported()


def _write_token(key: object, scope: str) -> str:
    """Answer an opaque token: where to go on, and the list it belongs to."""
    return base64.urlsafe_b64encode(json.dumps([key, scope]).encode()).decode().rstrip("=")


def _read_token(token: str, scope: str) -> object | None:
    if not token:
        return None
    try:
        read: object = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise refusals.page_token_invalid() from None
    match read:
        case [key, str(its_scope)] if its_scope == scope and key is not None:
            return key
        case _:
            raise refusals.page_token_invalid()
