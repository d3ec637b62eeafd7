"""What keeps the real gateway from working, found in its configuration and in what the network holds."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from .config import Config


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the pod can reach: endpoints by address, as the sandbox describes them, and buckets of the
    account."""

    endpoints: dict[tuple[str, int], dict[str, Any]]
    buckets: frozenset[str]

    @classmethod
    def parse(cls, described: dict[str, Any]) -> Surroundings:
        """From the sandbox's description of the network."""
        endpoints = {(e["host"], e["port"]): e for e in described["endpoints"]}
        return cls(endpoints, frozenset(described["buckets"]))


def problems(config: Config, around: Surroundings) -> list[str]:
    """Every reason why the gateway would not come up; none holds a secret."""
    return [
        *_encryption_key(config),
        *_postgres(config, around),
        *_redis(config, around),
        *_storage(config, around),
        *_images(config, around),
        *_listeners(config),
    ]


def _encryption_key(config: Config) -> list[str]:
    where = "database.postgres.encryptionKey"
    key = config.text("database", "postgres", "encryptionKey")
    if not key:
        # The real one falls back to a public default here, which nobody may want in an environment.
        return [f"{where} is not set"]
    try:
        raw = base64.b64decode(key.removeprefix("sk_"), validate=True)
    except binascii.Error:
        raw = b""
    if not key.startswith("sk_") or len(raw) not in (16, 24, 32):
        return [f"{where} is not sk_ and a base64 AES key of 16, 24 or 32 bytes"]
    return []


def _postgres(config: Config, around: Surroundings) -> list[str]:
    where = ("database", "postgres")
    host, port = config.text(*where, "host"), config.at(*where, "port")
    password = config.text(*where, "password")
    found = around.endpoints.get((host, port))
    if found is None:
        return [f"cannot connect to Postgres at {host}:{port} (database.postgres.host, port)"]
    if found["kind"] == "service":
        return []
    if found["kind"] != "postgres":
        return [f"what answers at {host}:{port} is {found['kind']} and not Postgres"]
    bad = []
    if config.text(*where, "username") != found["username"]:
        bad.append(f"Postgres knows no user {config.text(*where, 'username')} (database.postgres.username)")
    if found["database"] and config.text(*where, "name") != found["database"]:
        bad.append(f"Postgres has no database {config.text(*where, 'name')} (database.postgres.name)")
    if not password or password == "password" or re.search(r"[\s'\"\\]", password):
        bad.append("database.postgres.password is unset or cannot stand unquoted in a connection string")
    return bad


def _redis(config: Config, around: Surroundings) -> list[str]:
    where = ("database", "redis")
    addresses = config.at(*where, "addrs")
    if not isinstance(addresses, list) or not addresses:
        return ["database.redis.addrs is not a list of addresses"]
    if config.at(*where, "mode") not in ("single", "cluster"):
        return ["database.redis.mode is neither single nor cluster"]
    bad = []
    for address in addresses:
        host, port = _host_port(str(address), 6379)
        found = around.endpoints.get((host, port))
        if found is None:
            bad.append(f"cannot connect to Redis at {address} (database.redis.addrs)")
        elif found["kind"] == "redis":
            bad += _redis_terms(config, found, str(address))
        elif found["kind"] != "service":
            bad.append(f"what answers at {address} is {found['kind']} and not Redis")
    return bad


def _redis_terms(config: Config, found: dict[str, Any], address: str) -> list[str]:
    bad = []
    if bool(config.at("database", "redis", "enableTLS")) != found["tls"]:
        bad.append(f"Redis at {address} {'wants' if found['tls'] else 'has no'} TLS (database.redis.enableTLS)")
    if trouble := _login(found, config.text("database", "redis", "password")):
        bad.append(f"Redis at {address} {trouble} (database.redis.password)")
    # AKE, or the classes that A is short for; without them no worker ever hears of its container.
    if not {"K", "E"} <= set(found["keyspace_events"]) or "A" not in found["keyspace_events"]:
        bad.append(f"Redis at {address} sends no keyspace notifications (notify-keyspace-events AKE)")
    return bad


def _login(found: dict[str, Any], password: str) -> str:
    """Why Redis would not let a client with this password in; empty when it would."""
    if not password:
        return "wants a password" if found["password_required"] else ""
    taken = found.get("password_hashes")
    if taken is None or hashlib.sha256(password.encode()).hexdigest() in taken:
        return ""
    return "refuses the password" if taken else "has no password, and refuses clients that send one"


def _storage(config: Config, around: Surroundings) -> list[str]:
    if config.text("storage", "mode") != "juicefs":
        return []
    where = ("storage", "juicefs")
    bad = []
    address = urlsplit(config.text(*where, "redisURI"))
    host, port = address.hostname or "", address.port or 6379
    found = around.endpoints.get((host, port))
    if found is None:
        bad.append(f"JuiceFS cannot connect to Redis at {host}:{port} (storage.juicefs.redisURI)")
    elif found["kind"] == "redis":
        if (address.scheme == "rediss") != found["tls"]:
            wanted = "rediss" if found["tls"] else "redis"
            bad.append(f"JuiceFS' Redis at {host}:{port} wants the scheme {wanted} (storage.juicefs.redisURI)")
        if trouble := _login(found, unquote(address.password or "")):
            bad.append(f"JuiceFS' Redis at {host}:{port} {trouble} (storage.juicefs.redisURI)")
    bucket = config.text(*where, "awsS3Bucket")
    if _bucket_of(bucket) not in around.buckets:
        bad.append(f"there is no bucket at {bucket or 'an empty address'} (storage.juicefs.awsS3Bucket)")
    return bad


def _images(config: Config, around: Surroundings) -> list[str]:
    if config.text("imageService", "registryStore") != "s3":
        return []
    bucket = config.text("imageService", "registries", "s3", "bucketName")
    where = "imageService.registries.s3.bucketName"
    return [] if bucket in around.buckets else [f"there is no bucket {bucket or 'without a name'} ({where})"]


def _listeners(config: Config) -> list[str]:
    wanted = {"grpc": 1993, "http": 1994}
    return [
        f"gateway.{kind}.port is not {port}, which its Service and probes reach"
        for kind, port in wanted.items()
        if config.at("gateway", kind, "port") != port
    ]


def _host_port(address: str, default: int) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return (host, int(port)) if host and port.isdigit() else (address, default)


def _bucket_of(address: str) -> str:
    """Name of the bucket in a virtual-hosted or path-style address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    path = parts.path.strip("/").split("/")[0]
    return path or re.sub(r"\.s3[.-].*$", "", host)
