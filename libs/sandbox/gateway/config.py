"""The application configuration as the gateway reads it: its defaults under what the pod mounts."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import yaml

# The real gateway's defaults, of the keys that are judged here; the rest cannot make it fail.
_DEFAULTS: dict[str, Any] = {
    "database": {
        "postgres": {
            "host": "postgresql",
            "port": 5432,
            "username": "root",
            "password": "password",
            "name": "main",
        },
        "redis": {"mode": "single", "addrs": ["redis-master:6379"], "enableTLS": False},
    },
    "storage": {
        "mode": "juicefs",
        "juicefs": {
            "redisURI": "redis://juicefs-redis-master:6379/0",
            "awsS3Bucket": "http://localstack:4566/juicefs",
        },
    },
    "imageService": {"registryStore": "local", "registries": {"s3": {"bucketName": "beta9-images"}}},
    "gateway": {"grpc": {"port": 1993}, "http": {"port": 1994}},
}


class ConfigUnreadable(ValueError):
    """A mounted configuration that is not a YAML mapping."""


@dataclass(frozen=True, slots=True)
class Config:
    """The merged document."""

    document: dict[str, Any]

    def at(self, *path: str) -> Any:
        """The value at a path of keys, None when there is none."""
        found: Any = self.document
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def text(self, *path: str) -> str:
        """The value at a path as text, empty when there is none."""
        found = self.at(*path)
        return "" if found is None else str(found)


def merge(texts: list[str]) -> Config:
    """Lay YAML documents over the defaults, the later over the earlier. Raises `ConfigUnreadable`."""
    merged = copy.deepcopy(_DEFAULTS)
    for text in texts:
        try:
            document = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ConfigUnreadable("the mounted configuration is not YAML") from error
        if document is not None and not isinstance(document, dict):
            raise ConfigUnreadable("the mounted configuration is not a mapping")
        _lay_over(merged, document or {})
    return Config(merged)


def _lay_over(under: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(under.get(key), dict):
            _lay_over(under[key], value)
        else:
            under[key] = value
