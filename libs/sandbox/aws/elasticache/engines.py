"""Engines, their versions, parameter families and the parameters of a family."""

from __future__ import annotations

from libs.sandbox.aws.elasticache.failures import combination, invalid

VERSIONS = {
    "valkey": ("7.2", "8.0", "8.1", "9.0"),
    "redis": ("4.0.10", "5.0.6", "6.0", "6.2", "7.0", "7.1"),
    "memcached": ("1.6.12", "1.6.17", "1.6.22"),
}
"""Versions that can be ordered, oldest first."""

_PATCHED = {
    "6.0": "6.0.5",
    "6.2": "6.2.6",
    "7.0": "7.0.7",
    "7.1": "7.1.0",
    "7.2": "7.2.6",
    "8.0": "8.0.1",
    "8.1": "8.1.0",
}

FAMILIES = (
    "memcached1.6",
    "redis4.0",
    "redis5.0",
    "redis6.x",
    "redis7",
    "valkey7",
    "valkey8",
    "valkey9",
)

_DEFAULTS: dict[str, tuple[str, str, str]] = {
    "acl-pubsub-default": ("resetchannels", "string", "resetchannels,allchannels"),
    "activedefrag": ("no", "string", "yes,no"),
    "activerehashing": ("yes", "string", "yes,no"),
    "appendfsync": ("everysec", "string", "always,everysec,no"),
    "appendonly": ("no", "string", "yes,no"),
    "client-output-buffer-limit-pubsub-hard-limit": ("33554432", "integer", "0-4294967295"),
    "client-query-buffer-limit": ("1073741824", "integer", "1048576-1073741824"),
    "close-on-replica-write": ("yes", "string", "yes,no"),
    "cluster-enabled": ("no", "string", "yes,no"),
    "databases": ("16", "integer", "1-1200000"),
    "hash-max-listpack-entries": ("512", "integer", "0-"),
    "lazyfree-lazy-eviction": ("no", "string", "yes,no"),
    "lazyfree-lazy-expire": ("no", "string", "yes,no"),
    "lfu-decay-time": ("1", "integer", "0-"),
    "lfu-log-factor": ("10", "integer", "0-"),
    "list-compress-depth": ("0", "integer", "0-"),
    "maxclients": ("65000", "integer", "1-65000"),
    "maxmemory-policy": (
        "volatile-lru",
        "string",
        "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction",
    ),
    "maxmemory-samples": ("3", "integer", "1-"),
    "min-replicas-max-lag": ("10", "integer", "0-"),
    "min-replicas-to-write": ("0", "integer", "0-"),
    "notify-keyspace-events": ("", "string", ""),
    "proto-max-bulk-len": ("536870912", "integer", "1048576-536870912"),
    "reserved-memory-percent": ("25", "integer", "0-100"),
    "set-max-intset-entries": ("512", "integer", "0-"),
    "slowlog-log-slower-than": ("10000", "integer", "-1-"),
    "slowlog-max-len": ("128", "integer", "0-"),
    "tcp-keepalive": ("300", "integer", "0-"),
    "timeout": ("0", "integer", "0,20-"),
    "zset-max-listpack-entries": ("128", "integer", "0-"),
}


def family(engine: str, version: str) -> str:
    """Parameter family of an engine's version, such as `valkey8`."""
    major = version.split(".")[0]
    if engine == "memcached":
        return "memcached1.6"
    if engine == "redis" and major in ("4", "5"):
        return f"redis{major}.0"
    return "redis6.x" if engine == "redis" and major == "6" else f"{engine}{major}"


def resolve(engine: str, wanted: str | None) -> str:
    """The exact version for a wanted one (`7.1`, `6.x`, none for the newest); refused when there is none."""
    if engine not in VERSIONS:
        raise invalid(f"Invalid engine '{engine}'; it must be one of valkey, redis, memcached.")
    offered = VERSIONS[engine]
    if wanted is None:
        return _PATCHED.get(offered[-1], offered[-1])
    prefix = wanted.removesuffix(".x")
    for version in reversed(offered):
        exact = _PATCHED.get(version, version)
        if wanted in (version, exact) or version.startswith(f"{prefix}.") or version == prefix:
            return exact
    raise invalid(f"Cannot find version {wanted} for {engine}")


def check_upgrade(engine: str, version: str, to_engine: str, to_version: str) -> None:
    """Refuse every way but up, and from Redis OSS to Valkey."""
    if to_engine != engine and (engine, to_engine) != ("redis", "valkey"):
        raise combination(f"Cannot change the engine from {engine} to {to_engine}.")
    if to_engine != engine and _numbers(to_version) < (7, 2):
        raise combination(f"Cannot change the engine from {engine} {version} to {to_engine} {to_version}.")
    if to_engine == engine and _numbers(to_version) < _numbers(version):
        raise combination(f"Cannot downgrade the engine version from {version} to {to_version}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def parameters(name: str, own: dict[str, str], source: str | None) -> list[dict[str, object]]:
    """The parameters of a group in a family, with its owner's values; `source` picks `user` or `system`."""
    known = _DEFAULTS | {key: ("", "string", "") for key in own if key not in _DEFAULTS}
    clustered = name.endswith(".cluster.on")
    listed: list[dict[str, object]] = []
    for key, (default, kind, allowed) in known.items():
        origin = "user" if key in own else "system"
        if source and source != origin:
            continue
        if key == "cluster-enabled" and clustered:
            default = "yes"
        listed.append(
            {
                "ParameterName": key,
                "ParameterValue": own.get(key, default),
                "Description": f"Sets {key}.",
                "Source": origin,
                "DataType": kind,
                "AllowedValues": allowed,
                "IsModifiable": True,
                "MinimumEngineVersion": "5.0.6",
                "ChangeType": "immediate",
            }
        )
    return listed


def check_parameter(key: str, value: str) -> None:
    """Refuse a parameter that no family has, or a value out of its list."""
    if key not in _DEFAULTS:
        raise invalid(f"The parameter {key} cannot be modified.")
    allowed = _DEFAULTS[key][2]
    if _DEFAULTS[key][1] == "string" and allowed and value not in allowed.split(","):
        raise invalid(f"The parameter {key} must be one of {allowed}, not {value}.")
