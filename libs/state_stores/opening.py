"""The store of a location."""

from libs.aws_access import AwsAccess
from libs.state_stores.location import StateLocation, StoreKind
from libs.state_stores.store import StateStore


def open_store(access: AwsAccess, location: StateLocation, *, path_style: bool) -> StateStore:
    """The store that `location` names. No call is made. `path_style` addresses S3's buckets by path; `access` enters
    the account of AWS, and GCS has nothing to do with it."""
    match location.kind:
        case StoreKind.GCS:
            from libs.state_stores.gcs import GCSStateStore

            return GCSStateStore(location)
        case StoreKind.S3_DYNAMODB:
            from libs.state_stores.dynamodb import DynamoDBStateStore

            return DynamoDBStateStore(access, location, path_style=path_style)
        case StoreKind.S3:
            from libs.state_stores.s3 import S3StateStore

            return S3StateStore(access, location, path_style=path_style)
