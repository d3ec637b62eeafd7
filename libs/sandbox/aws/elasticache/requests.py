"""One call of the ElastiCache API, as its operations see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.sandbox.aws.elasticache.models import ElastiCacheBackend, View


@dataclass(frozen=True, slots=True)
class CacheRequest:
    """The parameters of a call under the API's own names, and whose state it works on."""

    backend: ElastiCacheBackend
    parameters: dict[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default when it was not given."""
        value = self.parameters.get(name)
        return default if value is None else value

    def tags(self) -> dict[str, str]:
        """The call's tags by key."""
        return {tag["Key"]: tag.get("Value") or "" for tag in self.get("Tags", [])}

    def page(self, key: str, items: Sequence[Any]) -> View:
        """The asked page of a list; the marker is the place to go on at."""
        start, size = int(self.get("Marker", "") or 0), int(self.get("MaxRecords", 100))
        end = start + size
        answer: View = {key: list(items[start:end])}
        if end < len(items):
            answer["Marker"] = str(end)
        return answer


Operation = Callable[[CacheRequest], View]


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as the API lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
