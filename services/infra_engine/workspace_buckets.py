"""The buckets that Beta9 made at run time, one a workspace of its own: `<prefix>-<workspace id>`.

They are no resources of the stack, and hold what Beta9's users stored. What becomes of them at a destroy is the
document's to say. Blocking: call it in a thread.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import aws_failure, error_code
from libs.aws_access.sessions import s3_client

_SESSION = "infra-engine-buckets"
_GONE = frozenset({"404", "NoSuchBucket"})


class WorkspaceBuckets:
    """Those of one environment, told by their prefix, which no other environment has."""

    def __init__(self, access: AwsAccess, prefix: str, *, path_style: bool) -> None:
        self._access = access
        self._prefix = f"{prefix}-"
        self._path_style = path_style

    def find(self) -> list[str]:
        """Their names, sorted. Raises Failure."""
        try:
            pages = self._client.get_paginator("list_buckets").paginate()
            return sorted(
                bucket["Name"]
                for page in pages
                for bucket in page.get("Buckets", [])
                if bucket["Name"].startswith(self._prefix)
            )
        except Exception as error:
            raise aws_failure(error, self._access, "list the workspaces' buckets") from error

    def delete(self, name: str, log: Callable[[str], None]) -> None:
        """Empties a bucket, versions and all, and deletes it. Idempotent. Raises Failure."""
        client = self._client
        objects = 0
        try:
            for batch in _versions(client, name):
                answer = client.delete_objects(Bucket=name, Delete={"Objects": batch, "Quiet": True})
                if errors := answer.get("Errors"):
                    raise RuntimeError(f"{errors[0].get('Key')}: {errors[0].get('Code')}")
                objects += len(batch)
            client.delete_bucket(Bucket=name)
        except Exception as error:
            if error_code(error) not in _GONE:
                raise aws_failure(error, self._access, f"delete the bucket {name}", f"arn:aws:s3:::{name}") from error
        log(f"deleted the workspace bucket {name} with {objects} object versions")

    @cached_property
    def _client(self) -> Any:
        return s3_client(self._access, _SESSION, path_style=self._path_style)


def _versions(client: Any, name: str) -> Iterator[list[dict[str, str]]]:
    """Every version and delete marker, at most 1,000 at a time, which is what one call deletes."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
