"""Fetches a published release and takes it only if its digest is the pinned one."""

from __future__ import annotations

import hashlib
import http.client
import tarfile
import urllib.error
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
