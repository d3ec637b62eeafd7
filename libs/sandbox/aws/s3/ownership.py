"""Names of buckets that another account has.

AWS: creating one is BucketAlreadyExists, everything else on it AccessDenied.
moto: with accounts apart, creating one is AccessDenied too.
"""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import BucketAlreadyExists
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response


def mend() -> None:
    """Look at the name before moto looks for the bucket."""
    original = S3Response._bucket_response_put

    def put(self: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        owner = s3_backends.bucket_accounts.get(bucket_name)
        if not querystring and owner is not None and owner[1] != self.current_account:
            raise BucketAlreadyExists(bucket=bucket_name)
        return original(self, request, bucket_name, querystring)

    S3Response._bucket_response_put = put  # type: ignore[method-assign]
