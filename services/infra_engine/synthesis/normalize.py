"""Brings what cdktf gives into the form that is run and kept: no metadata, a stable order."""

import json

REQUIRED_VERSION = ">= 1.11"


def normalize(config: dict[str, object]) -> dict[str, object]:
    """Without cdktf's comments and its local backend (which names a folder of the synthesis), keys sorted."""
    clean = _without_comments(config)
    assert isinstance(clean, dict)
    terraform = dict(clean.get("terraform", {}))
    terraform.pop("backend", None)
    terraform["required_version"] = REQUIRED_VERSION
    for provider in terraform.get("required_providers", {}).values():
        if provider.get("source") == "aws":
            provider["source"] = "hashicorp/aws"
    return {**clean, "terraform": terraform}


def to_bytes(config: dict[str, object]) -> bytes:
    """Readable, sorted, with a newline at the end."""
    return (json.dumps(config, indent=2, sort_keys=True) + "\n").encode()


def _without_comments(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_comments(inner) for key, inner in value.items() if key != "//"}
    if isinstance(value, list):
        return [_without_comments(inner) for inner in value]
    return value
