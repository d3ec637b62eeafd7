"""The gateway's workspaces, kept across restarts of its pod as its database would keep them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Authorization:
    """Answer to Authorize. `new_token` is set for the call that made the first workspace, and for no
    other."""

    ok: bool
    workspace_id: str = ""
    new_token: str = ""


class Workspaces:
    """Workspaces of one database. Keeps only a digest of the token. Thread-safe."""

    def __init__(self, folder: Path, database: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / f"{hashlib.sha256(database.encode()).hexdigest()[:32]}.json"
        self._lock = threading.Lock()

    def authorize(self, token: str | None) -> Authorization:
        """With a token: whose it is. Without a valid one: the first workspace, if there is none yet."""
        with self._lock:
            kept = self._load()
            if kept is not None:
                known = token is not None and hmac.compare_digest(kept["token_sha256"], _digest(token))
                return Authorization(known, kept["workspace_id"] if known else "")
            new_token = secrets.token_urlsafe(64)
            workspace_id = str(uuid.uuid4())
            self._save({"workspace_id": workspace_id, "token_sha256": _digest(new_token)})
            return Authorization(True, workspace_id, new_token)

    def _load(self) -> dict[str, str] | None:
        try:
            kept: dict[str, str] = json.loads(self._file.read_text())
        except FileNotFoundError:
            return None
        return kept

    def _save(self, workspace: dict[str, str]) -> None:
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(workspace))
        os.replace(draft, self._file)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
