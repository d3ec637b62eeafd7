"""The way between jsii's Python and its Node, made short. `install` comes before the bindings are imported.

As published, each request goes through a second Node (60 MB) that only passes it on, is rebuilt by a general converter,
and names every argument that a construct could have, though most are not given. That takes longer than what Node does
with it. This reaches into jsii's inner parts: requirements.lock holds their version, and the tests say when they moved.
"""

import atexit
import json
import os
import socket
import subprocess
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# As Any: jsii says that it is typed, and is not where this looks.
jsii: Any = import_module("jsii")
_kernel: Any = import_module("jsii._kernel")
_over_process: Any = import_module("jsii._kernel.providers.process")
_types: Any = import_module("jsii._kernel.types")

PRELOAD = Path(__file__).with_name("node_preload.cjs")

_ENDED = "jsii's Node has ended"
_END_SECONDS = 5.0
# The first two as published: a machine's very first start reads all of the bindings' 120 MB of types, to index them.
# The last keeps Node 40 MB smaller, and costs no time that can be seen.
_FLAGS = ("--max-old-space-size=4069", "--preserve-symlinks", "--max-semi-space-size=4")
# jsii's program reads and writes descriptor 3; what is printed beside that goes where our own errors go.
_AS_DESCRIPTOR_3 = 'exec "$@" 3<&0 0</dev/null'
_PLAIN = frozenset({str, int, float, bool, type(None)})
_encode = json.JSONEncoder(default=_over_process.jdefault).encode
_decode = json.JSONDecoder(object_hook=_over_process.ohook).decode
_published = _kernel._make_reference_for_native


def install() -> None:
    """Makes jsii talk this way; its Node starts with the first request. Idempotent."""
    if not isinstance(jsii.kernel.provider, _Provider):
        jsii.kernel.provider = _Provider()
        _kernel._make_reference_for_native = to_wire


def to_wire(kernel: Any, value: Any) -> Any:
    """What jsii makes of an argument, without the members of structs that were not given: to Node that is the same."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return [to_wire(kernel, one) for one in value]
    if kind is dict:
        return {"$jsii.map": {name: to_wire(kernel, one) for name, one in value.items()}}
    names = getattr(kind, "__jsii_name_mapping__", None)
    # Node takes a struct without members for none at all; as published it is one whose members are all null.
    if names is None or not value._values:
        return _published(kernel, value)
    members = {names[name]: to_wire(kernel, one) for name, one in value._values.items()}
    return {"$jsii.struct": {"fqn": kind.__jsii_type__, "data": members}}


class _Node(_over_process._NodeProcess):  # type: ignore[misc]
    """jsii's program in a Node of its own, without the one that passes messages on."""

    def start(self) -> None:
        program = Path(self._jsii_runtime()).parents[1] / "lib" / "program.js"
        node = [os.environ.get("JSII_NODE", "node"), *_FLAGS, f"--require={PRELOAD}", str(program)]
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._node = subprocess.Popen(
                ["/bin/sh", "-c", _AS_DESCRIPTOR_3, "sh", *node], stdin=theirs.fileno(), stdout=2
            )
            self._process = SimpleNamespace(stdin=ours.makefile("wb"), stdout=ours.makefile("rb"))
        atexit.register(self.stop)
        self.handshake()

    def stop(self) -> None:
        """Ends Node, which ends itself when nobody is left to ask. Idempotent."""
        atexit.unregister(self.stop)
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._node.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._node.kill()
        self._ctx_stack.close()

    def send(self, request: Any, response_type: Any) -> Any:
        """As published, but constructs, which are nearly all that is asked for, go past the general converter."""
        try:
            return self._create(request) if self._is_plain(request) else super().send(request, response_type)
        except ConnectionError as error:
            raise SystemExit(_ENDED) from error

    def _next_message(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            # Not an Exception: the child cannot go on, and its owner starts another.
            raise SystemExit(_ENDED)
        return _decode(line.decode())

    @staticmethod
    def _is_plain(request: Any) -> bool:
        return isinstance(request, _types.CreateRequest) and not request.overrides

    def _create(self, request: Any) -> Any:
        asked = {
            "api": "create",
            "fqn": request.fqn,
            "args": request.args,
            "overrides": [],
            "interfaces": request.interfaces,
        }
        self._process.stdin.write(_encode(asked).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._next_message()
        made = answer.get("ok")
        if not isinstance(made, _types.ObjRef):
            raise RuntimeError(answer.get("error", f"jsii's Node answered {answer}"))
        return _types.CreateResponse(made.ref, made.interfaces)


class _Provider(_over_process.ProcessProvider):  # type: ignore[misc]
    def __init__(self) -> None:
        self._started: _Node | None = None

    @property
    def _process(self) -> _Node:
        if self._started is None:
            self._started = _Node()
            self._started.start()
        return self._started
