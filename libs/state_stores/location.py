"""`StateLocation`: where one environment's state lives."""

from dataclasses import dataclass
from enum import Enum


class StoreKind(Enum):
    """What keeps states; the names are those of the proto enum without its prefix."""

    S3 = "S3"
    S3_DYNAMODB = "S3_DYNAMODB"
    GCS = "GCS"


@dataclass(frozen=True, slots=True)
class StateLocation:
    """One state's place. `kms_key` is empty for the bucket's own key; `dynamodb_table` belongs to S3_DYNAMODB."""

    bucket: str
    key: str
    region: str
    kind: StoreKind = StoreKind.S3
    kms_key: str = ""
    dynamodb_table: str = ""

    @property
    def lock_key(self) -> str:
        """The lock object's key, as Terraform's backend of that kind names it."""
        if self.kind is StoreKind.GCS:
            return f"{self.key.removesuffix('.tfstate')}.tflock"
        return f"{self.key}.tflock"

    @property
    def uri(self) -> str:
        """The state object as people write it."""
        return f"{'gs' if self.kind is StoreKind.GCS else 's3'}://{self.bucket}/{self.key}"
