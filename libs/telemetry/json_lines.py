"""Spans as JSON lines, one file a process: what `beta9ctl env trace` joins when there is no collector."""

import json
import os
import threading
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_LARGEST_BYTES = 64 * 1024 * 1024


class JsonLinesExporter(SpanExporter):
    """Appends each span as one line of the SDK's own JSON form. A line is written by one write call, so that a reader
    sees whole lines and a kill tears none; one that a full disk tears is ended before the next.

    Args:
        path: the file, which may be there already and may be written by other processes of the same name too.
        largest_bytes: a file of that size is moved to `<name>.1.jsonl`, in the place of the one before it.
    """

    def __init__(self, path: Path, *, largest_bytes: int = _LARGEST_BYTES) -> None:
        self._path = path
        self._earlier = path.with_suffix(f".1{path.suffix}")
        self._largest = largest_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _open(path)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Raises OSError when the disk is full; the SDK logs it, and what was traced goes on."""
        lines = [json.dumps(json.loads(span.to_json(indent=None))).encode() + b"\n" for span in spans]
        with self._lock:
            if self._file.closed:
                return SpanExportResult.FAILURE
            for line in lines:
                self._rotate()
                written = self._file.write(line)
                if written != len(line):
                    self._file.write(b"\n")
                    return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        with self._lock:
            self._file.close()

    def _rotate(self) -> None:
        own = os.fstat(self._file.fileno())
        if own.st_size < self._largest:
            return
        # Another process of the same name may have moved it already: then there is a new one to go on with.
        if self._path.exists() and os.path.samestat(own, self._path.stat()):
            self._path.replace(self._earlier)
        self._file.close()
        self._file = _open(self._path)


def _open(path: Path) -> FileIO:
    file = FileIO(path, "a+")
    size = os.fstat(file.fileno()).st_size
    # A machine that went down may have torn the last line.
    if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        file.write(b"\n")
    return file
