"""Fetches a published release and takes it only if its digest is the pinned one."""

from __future__ import annotations

import hashlib
import http.client
import socket
import tarfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from scripts.setup.pins import Release

_CONNECT_SECONDS = 5.0


class NotFetched(Exception):
    """The release is not to be had from here; the text says why."""


def fetch(release: Release, target: Path) -> None:
    """Put the released program at `target` (a temporary name; the caller renames it).

    Raises NotFetched, at once when the network refuses, and never leaves a file whose digest was not checked.
    """
    archive = target.with_name(target.name + ".download")
    try:
        _download(release, archive)
        if release.member is None:
            archive.replace(target)
        else:
            _extract(archive, release.member, target)
        target.chmod(0o755)
    finally:
        archive.unlink(missing_ok=True)


def _download(release: Release, archive: Path) -> None:
    _resolve(release.url)
    digest = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(release.url, timeout=_CONNECT_SECONDS) as answer,
            archive.open("wb") as file,
        ):
            while chunk := answer.read(1 << 20):
                digest.update(chunk)
                file.write(chunk)
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NotFetched(f"{release.url} cannot be fetched ({reason})") from error
    if digest.hexdigest() != release.sha256:
        raise NotFetched(f"{release.url} has the sha256 {digest.hexdigest()}, not the pinned one")


def _resolve(url: str) -> None:
    """Ask for the host's address with a limit of our own: the resolver's may be half a minute."""
    host = urllib.parse.urlsplit(url).hostname
    answers: list[OSError | None] = []

    def ask() -> None:
        try:
            socket.getaddrinfo(host, None)
            answers.append(None)
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_CONNECT_SECONDS)
    if not urllib.request.getproxies() and (not answers or answers[0] is not None):
        raise NotFetched(f"{host} has no address here ({answers[0] if answers else 'no answer'})")


def _extract(archive: Path, member: str, target: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            found = next((item for item in tar if item.isfile() and Path(item.name).name == member), None)
            source = tar.extractfile(found) if found is not None else None
            if source is None:
                raise NotFetched(f"the archive has no program '{member}'")
            with source, target.open("wb") as file:
                while chunk := source.read(1 << 20):
                    file.write(chunk)
    except tarfile.TarError as error:
        raise NotFetched(f"the archive cannot be read ({error})") from error
