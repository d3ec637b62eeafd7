"""A state in an S3 bucket whose lock and digest are items of a table, as Terraform's `dynamodb_table` has them."""

import hashlib
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import session_for
from libs.failures import Actor, Failure, Kind
from libs.state_stores.s3 import SESSION, S3StateStore
from libs.state_stores.store import StoredState

_CONFLICT = "ConditionalCheckFailedException"


class DynamoDBStateStore(S3StateStore):
    """See StateStore. The state's writes stay conditional on its etag: the table is for outsiders alone."""

    _table_client: Any = None

    def _write(self, raw: bytes, over: str | None, fence: int, run: str) -> StoredState:
        stored = super()._write(raw, over, fence, run)
        # Plain Terraform refuses a state whose digest is another's. Killed in between, the next owner, who writes the
        # object first of all, puts it right.
        digest = {"S": hashlib.md5(raw, usedforsecurity=False).hexdigest()}
        self._put({**self._key("-md5"), "Digest": digest}, "write the digest of")
        return stored

    def _create_lock(self, info: bytes) -> bool:
        return self._put_info(info, "attribute_not_exists(LockID)", {})

    def _replace_lock(self, info: bytes, token: Any) -> bool:
        return self._put_info(info, "Info = :old", {":old": {"S": token}})

    def _put_info(self, info: bytes, condition: str, values: dict[str, Any]) -> bool:
        given = {"ExpressionAttributeValues": values} if values else {}
        item = {**self._key(), "Info": {"S": info.decode()}}
        return self._put(item, "lock", ConditionExpression=condition, **given)

    def _find_lock(self) -> tuple[bytes, Any] | None:
        try:
            found = self._table().get_item(TableName=self._name, Key=self._key(), ConsistentRead=True)
        except Exception as error:
            raise self._failure(error, "read the lock of") from error
        if "Item" not in found:
            return None
        info = found["Item"].get("Info", {}).get("S", "")
        return info.encode(), info

    def _remove_lock(self, token: Any) -> None:
        try:
            self._table().delete_item(
                TableName=self._name,
                Key=self._key(),
                ConditionExpression="Info = :old",
                ExpressionAttributeValues={":old": {"S": token}},
            )
        except Exception as error:
            if error_code(error) != _CONFLICT:
                raise self._failure(error, "unlock") from error

    @property
    def _name(self) -> str:
        return self.location.dynamodb_table

    def _key(self, suffix: str = "") -> dict[str, Any]:
        return {"LockID": {"S": f"{self.location.bucket}/{self.location.key}{suffix}"}}

    def _put(self, item: dict[str, Any], verb: str, **condition: Any) -> bool:
        try:
            self._table().put_item(TableName=self._name, Item=item, **condition)
        except Exception as error:
            if error_code(error) == _CONFLICT:
                return False
            raise self._failure(error, verb) from error
        return True

    def _table(self) -> Any:
        if self._table_client is None:
            self._table_client = session_for(self._access, SESSION).client("dynamodb")
        return self._table_client


def check_table(access: AwsAccess, name: str) -> None:
    """Raises Failure (STATE_TABLE_NOT_USABLE) unless the table can be locked in as Terraform does. Blocks."""
    try:
        table = session_for(access, SESSION).client("dynamodb").describe_table(TableName=name)["Table"]
    except Exception as error:
        if error_code(error) != "ResourceNotFoundException":
            raise aws_failure(error, access, f"look at the lock table {name}", name) from error
        raise _not_usable(name, "is not there") from error
    key = [{"AttributeName": "LockID", "KeyType": "HASH"}]
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    if table["KeySchema"] != key or kinds.get("LockID") != "S":
        raise _not_usable(name, "has another key than LockID, a string")


def _not_usable(name: str, why: str) -> Failure:
    return Failure(
        "STATE_TABLE_NOT_USABLE",
        f"The lock table {name} {why}.",
        kind=Kind.FAILED_PRECONDITION,
        actor=Actor.CUSTOMER,
        remedy=f"Make the table {name} with the partition key LockID (S) in the account and region, then retry.",
        resource_address=name,
    )
