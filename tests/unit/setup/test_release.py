"""A release is taken by its digest or not at all."""

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.setup import release
from scripts.setup.pins import Release

PROGRAM = b"#!/bin/sh\necho hello\n"


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in ("LICENSE", "linux-amd64/program"):
            info = tarfile.TarInfo(name)
            info.size = len(PROGRAM)
            tar.addfile(info, io.BytesIO(PROGRAM))
    return buffer.getvalue()


FILES = {"/plain": PROGRAM, "/archive.tar.gz": _archive()}


class _Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = FILES.get(self.path)
        self.send_response(200 if content else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _digest(path: str) -> str:
    return hashlib.sha256(FILES[path]).hexdigest()


@pytest.mark.parametrize(("path", "member"), [("/plain", None), ("/archive.tar.gz", "program")])
def test_the_program_is_put_in_place(host: str, tmp_path: Path, path: str, member: str | None) -> None:
    target = tmp_path / "program"
    release.fetch(Release(host + path, _digest(path), member), target)
    assert target.read_bytes() == PROGRAM
    assert target.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("path", "digest", "member", "reason"),
    [
        ("/plain", "0" * 64, None, "not the pinned one"),
        ("/absent", "0" * 64, None, "cannot be fetched"),
        ("/archive.tar.gz", None, "other", "no program 'other'"),
        ("/plain", None, "program", "cannot be read"),
    ],
)
def test_anything_else_leaves_no_file(
    host: str, tmp_path: Path, path: str, digest: str | None, member: str | None, reason: str
) -> None:
    target = tmp_path / "program"
    with pytest.raises(release.NotFetched, match=reason):
        release.fetch(Release(host + path, digest or _digest(path), member), target)
    assert list(tmp_path.iterdir()) == []
