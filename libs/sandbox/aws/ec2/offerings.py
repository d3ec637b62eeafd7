"""Which instance types a zone offers, read when a region is first asked for.

moto reads the offerings of every region of the world when EC2 is imported: 45 MB and most of the time that
the import takes.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from moto.utilities import utils

_FOLDER = "instance_type_offerings"


def put_off() -> None:
    """Let moto's EC2 be imported without them; call before anything imports it."""
    original = utils.load_resource

    def load_resource(resource: str) -> Any:
        return [] if _FOLDER in resource else original(resource)

    utils.load_resource = load_resource
    _Region.read = staticmethod(original)


def mend() -> None:
    """Put them where moto looks for them."""
    from moto.ec2.models import instance_types

    instance_types.InstanceTypeOfferingBackend.matches_filters = _matches  # type: ignore[method-assign]
    offerings = instance_types.INSTANCE_TYPE_OFFERINGS
    for location_type, regions in list(offerings.items()):
        offerings[location_type] = _Region(location_type, regions)


def _matches(self: Any, offering: dict[str, Any], filters: Any, location_type: str) -> bool:
    """AWS takes `*` and `?` in both filters; moto compares letter by letter."""
    known = {"instance-type": offering["InstanceType"], "location": offering["Location"]}
    for name, values in filters.items():
        if name not in known:
            from moto.ec2.exceptions import EC2ClientError

            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not any(fnmatchcase(known[name], value) for value in values):
            return False
    return True


class _Region(dict[str, list[dict[str, Any]]]):
    """The offerings of one kind of place by region."""

    read: Any = staticmethod(utils.load_resource)

    def __init__(self, location_type: str, known: dict[str, Any]) -> None:
        super().__init__({region: found for region, found in known.items() if found})
        self._location_type = location_type
        self._regions = frozenset(known)

    def get(self, region: str, default: Any = None) -> Any:
        """The region's offerings, read with the first question."""
        if region not in self and region in self._regions:
            path = f"ec2/resources/{_FOLDER}/{self._location_type}/{region}.json"
            self[region] = [{**offer, "LocationType": self._location_type} for offer in self.read(path)]
        return super().get(region, default)
