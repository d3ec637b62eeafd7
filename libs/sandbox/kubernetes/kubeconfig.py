"""Kubeconfig files for the programs of a control plane."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from .certificates import write_private
from .key_pair import KeyPair


def write_kubeconfig(path: Path, endpoint: str, authority: bytes, client: KeyPair | None) -> Path:
    """A kubeconfig of one cluster with everything inside; JSON, which is YAML too. Readable by its owner
    alone."""
    user = (
        {}
        if client is None
        else {
            "client-certificate-data": _base64(client.certificate.read_bytes()),
            "client-key-data": _base64(client.key.read_bytes()),
        }
    )
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": {"server": endpoint, "certificate-authority-data": _base64(authority)}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
        "current-context": "it",
    }
    write_private(path, json.dumps(document).encode())
    return path


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
