"""What small, medium and large mean. A field that the document says wins over its profile.

AWS still launches every class of this table (t3 and r5 are older generations, and none of them is retired), so none is
replaced: a document written for them gets what it always got. Newer ones are had by naming them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.infra_engine.stacks.stack_input import Size


@dataclass(frozen=True)
class NodeProfile:
    """The system node group, in nodes and GiB."""

    instance_type: str
    min_size: int
    max_size: int
    desired_size: int
    disk_gb: int = 100


@dataclass(frozen=True)
class DatabaseProfile:
    """An RDS instance; storage in GiB."""

    instance_class: str
    storage_gb: int


NODES: Mapping[Size, NodeProfile] = {
    "small": NodeProfile("t3.large", 1, 3, 2),
    "medium": NodeProfile("t3.xlarge", 2, 6, 3),
    "large": NodeProfile("t3.2xlarge", 3, 10, 5),
}
DATABASES: Mapping[Size, DatabaseProfile] = {
    "small": DatabaseProfile("db.t3.small", 20),
    "medium": DatabaseProfile("db.t3.large", 100),
    "large": DatabaseProfile("db.r5.xlarge", 500),
}
CACHES: Mapping[Size, str] = {
    "small": "cache.t3.small",
    "medium": "cache.t3.medium",
    "large": "cache.r5.large",
}
