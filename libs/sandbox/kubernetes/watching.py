"""Level-triggered controllers: watch collections, bring what is seen to what is wanted, try again what
failed."""

from __future__ import annotations

import http.client
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .api import ApiError, KubernetesApi, Object

_LOG = logging.getLogger(__name__)
_RETRY_S = 1.0

Reconcile = Callable[[Object], float | None]
"""Brings one object to its wanted state; seconds after which to look again, None when only a change matters.

It gets the object as last seen, and once more with `gone` true when it is no more. Any exception means: try
again.
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A collection and what is done about its objects."""

    path: str
    reconcile: Reconcile


class ControllerLoop:
    """The controllers of one cluster: a thread for every collection watched, one that does the work.

    Work is serial, so that reconcilers of one cluster need no locks between them.
    """

    def __init__(self, name: str, api: KubernetesApi, watched: list[Watched]) -> None:
        self._api = api
        self._stop = threading.Event()
        self._queue: queue.SimpleQueue[tuple[Watched, Object] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._watch, args=(one,), daemon=True, name=f"watch-{name}{one.path}")
            for one in watched
        ]
        self._worker = threading.Thread(target=self._work, daemon=True, name=f"controllers-{name}")

    def start(self) -> None:
        """Start to watch and work."""
        for thread in (*self._threads, self._worker):
            thread.start()

    def stop(self) -> None:
        """Stop working; returns when no reconciler runs any more. Watches end with their connections."""
        self._stop.set()
        self._queue.put(None)
        if self._worker.is_alive() and self._worker is not threading.current_thread():
            self._worker.join()

    def _watch(self, watched: Watched) -> None:
        known: dict[str, Object] = {}
        while not self._stop.is_set():
            try:
                listed = self._api.get(watched.path) or {"items": [], "metadata": {"resourceVersion": "0"}}
                current = {item["metadata"]["uid"]: item for item in listed["items"]}
                for uid in known.keys() - current.keys():
                    self._queue.put((watched, {**known[uid], "gone": True}))
                known = current
                for item in current.values():
                    self._queue.put((watched, item))
                for event in self._api.watch(watched.path, listed["metadata"]["resourceVersion"], self._stop):
                    self._note(watched, event, known)
            except (OSError, http.client.HTTPException, ApiError, ValueError) as error:
                if not self._stop.is_set():
                    _LOG.debug("watch of %s starts over: %s", watched.path, error)
                    self._stop.wait(_RETRY_S)

    def _note(self, watched: Watched, event: Object, known: dict[str, Object]) -> None:
        found = event["object"]
        if event["type"] == "BOOKMARK":
            return
        if event["type"] == "DELETED":
            known.pop(found["metadata"]["uid"], None)
            found = {**found, "gone": True}
        else:
            known[found["metadata"]["uid"]] = found
        self._queue.put((watched, found))

    def _work(self) -> None:
        again: dict[str, tuple[float, Watched, Object]] = {}
        while True:
            due = min((when for when, _, _ in again.values()), default=None)
            try:
                taken = self._queue.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
            except queue.Empty:
                uid = min(again, key=lambda key: again[key][0])
                _, watched, found = again.pop(uid)
            else:
                if taken is None:
                    return
                watched, found = taken
                again.pop(found["metadata"]["uid"], None)
            if self._stop.is_set():
                return
            delay = self._reconcile(watched, found)
            if delay is not None:
                again[found["metadata"]["uid"]] = (time.monotonic() + delay, watched, found)

    def _reconcile(self, watched: Watched, found: Object) -> float | None:
        try:
            return watched.reconcile(found)
        except Exception as error:
            name = f"{found['metadata'].get('namespace', '')}/{found['metadata']['name']}"
            if not self._stop.is_set():
                _LOG.warning("%s is tried again: %s", name, error, extra={"path": watched.path})
            return _RETRY_S
