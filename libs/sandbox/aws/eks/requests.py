"""One call of the EKS API, as its operations see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.sandbox.aws.eks.failures import InvalidParameter
from libs.sandbox.aws.eks.models import Cluster, EksBackend, View


@dataclass(frozen=True, slots=True)
class EksRequest:
    """The parameters of a call under the API's own names, and whose state it works on."""

    backend: EksBackend
    parameters: dict[str, Any]
    principal_arn: str
    """User or role that calls."""

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default when it was not given."""
        value = self.parameters.get(name)
        return default if value is None else value

    def cluster(self) -> Cluster:
        """The cluster in the call's path (`name` in some operations, `clusterName` in others)."""
        return self.backend.cluster(self.get("clusterName") or self.get("name"))

    def page(self, key: str, items: Sequence[Any]) -> View:
        """The asked page of a list; the token is the place to go on at."""
        token = str(self.get("nextToken", "") or "0")
        if not token.isdigit():
            raise InvalidParameter("The nextToken is not valid.")
        start, size = int(token), int(self.get("maxResults", 100))
        end = start + size
        answer: View = {key: list(items[start:end])}
        if end < len(items):
            answer["nextToken"] = str(end)
        return answer


Operation = Callable[[EksRequest], View]
