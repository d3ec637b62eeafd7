"""The store of a location."""

from libs.aws_access import AwsAccess
from libs.state_stores.location import StateLocation
from libs.state_stores.store import StateStore


def open_store(access: AwsAccess, location: StateLocation, *, path_style: bool) -> StateStore:
    """The store that `location` names. No call is made. `path_style` addresses S3's buckets by path."""
    from libs.state_stores.s3 import S3StateStore

    return S3StateStore(access, location, path_style=path_style)
