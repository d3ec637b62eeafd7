"""The customer's account as finders see it. Blocking; one is used by several threads."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from libs.aws_access import AwsAccess
from libs.aws_access.errors import error_code
from libs.aws_access.sessions import session_for
from services.infra_engine.preflight.aws.clients import Clients, pages, tags

ENVIRONMENT_TAG = "EnvironmentId"
_SESSION = "infra-engine-recovery"


class Account:
    """Whatever is read here is of the environment `uid`, or is nobody's."""

    def __init__(self, access: AwsAccess, uid: str, *, s3_path_style: bool) -> None:
        """Takes the role. Raises Failure."""
        self.access = access
        self.uid = uid
        self.clients = Clients(session_for(access, _SESSION), s3_path_style=s3_path_style)
        self._lock = threading.Lock()
        self._listed: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def forget(self) -> None:
        """What was listed is stale: look again."""
        with self._lock:
            self._listed.clear()

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        return getattr(self.clients[service], operation)(**parameters)

    def ask(self, service: str, operation: str, *absent: str, **parameters: Any) -> Any:
        """A call's answer; None when it fails with one of the codes that mean "not there"."""
        try:
            return self.call(service, operation, **parameters)
        except Exception as error:
            if error_code(error) in absent:
                return None
            raise

    def tagged(self, operation: str, key: str, **filters: str) -> list[dict[str, Any]]:
        """What EC2 lists with the environment's tag, and other filters (names with - for _). Asked once."""
        asked = {f"tag:{ENVIRONMENT_TAG}": self.uid, **{name.replace("_", "-"): one for name, one in filters.items()}}
        place = (operation, *(f"{name}={value}" for name, value in asked.items()))
        with self._lock:
            known = self._listed.get(place)
        if known is None:
            # Some of EC2's lists call it Filter.
            name = "Filter" if operation in ("describe_nat_gateways", "describe_flow_logs") else "Filters"
            given = [{"Name": one, "Values": [value]} for one, value in asked.items()]
            known = pages(self.clients["ec2"], operation, key, **{name: given})
            with self._lock:
                self._listed[place] = known
        return known

    def is_ours(self, given: Mapping[str, str]) -> bool:
        """Whether tags are this environment's, or tell of none: what has our name may not have got its tags yet."""
        return given.get(ENVIRONMENT_TAG, self.uid) == self.uid

    def is_marked_ours(self, given: Mapping[str, str]) -> bool:
        """Whether tags name this environment: for what has a name that others give as well, and its tags at once."""
        return given.get(ENVIRONMENT_TAG) == self.uid


def fits(actual: dict[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a resource has the tags that its arguments ask for; which are all that tells some from each other."""
    present = tags(actual)
    return all(present.get(name) == str(value) for name, value in (wanted.get("tags") or {}).items())


def unclaimed(
    items: list[dict[str, Any]],
    key: str,
    claimed: frozenset[str],
    which: Callable[[dict[str, Any]], bool],
    *,
    in_use: Callable[[dict[str, Any]], object] = lambda one: False,
) -> Iterator[dict[str, Any]]:
    """Those that meet `which` and are no other address's, in the order of their ids.

    Where an answer of AWS was lost there may be twins, and what was built next is on one of them: those that are
    `in_use` come first.
    """
    ordered = sorted(items, key=lambda one: (not in_use(one), str(one[key])))
    return (one for one in ordered if one[key] not in claimed and which(one))
