"""Faults that a test orders: the next so many calls of an action answer an error."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """An ordered error. `service` is the signing name (`eks`, `rds`), `action` the API's (`CreateCluster`)."""

    service: str
    action: str
    code: str
    message: str
    count: int
    status: int = 400


class Faults:
    """The faults that are still to come. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Answer `fault` for the next `fault.count` calls."""
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        """Forget every fault that has not come yet."""
        with self._lock:
            self._pending.clear()

    def expected_for(self, service: str) -> bool:
        """Whether any fault waits for the service: finding a call's action is only worth it then."""
        return any(fault.service == service for fault in list(self._pending))

    def take(self, service: str, action: str) -> Fault | None:
        """The fault for this call, counted down; None when the call goes through."""
        with self._lock:
            for fault in self._pending:
                if fault.service == service and fault.action == action:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._pending.remove(fault)
                    return fault
        return None
