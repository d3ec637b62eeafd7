"""What keeps the stand-in gateway from working."""

from __future__ import annotations

import copy
import hashlib

import pytest
import yaml

from libs.sandbox.gateway.checks import Surroundings, problems
from libs.sandbox.gateway.config import ConfigUnreadable, merge

_POSTGRES, _REDIS = "db.example", "cache.example"
_AROUND = Surroundings.parse(
    {
        "endpoints": [
            {
                "host": _POSTGRES, "port": 5432, "kind": "postgres", "tls": True, "password_required": True,
                "username": "beta9", "database": "beta9", "keyspace_events": "",
            },
            {
                "host": _REDIS, "port": 6379, "kind": "redis", "tls": True, "password_required": True,
                "username": "", "database": "", "keyspace_events": "AKE",
                "password_hashes": [hashlib.sha256(known).hexdigest() for known in (b"token", b"to/ken")],
            },
            {
                "host": "open.example", "port": 6379, "kind": "redis", "tls": True, "password_required": False,
                "username": "", "database": "", "keyspace_events": "AKE", "password_hashes": [],
            },
            {
                "host": "quiet.example", "port": 6379, "kind": "redis", "tls": True, "password_required": False,
                "username": "", "database": "", "keyspace_events": "",
            },
        ],
        "buckets": ["objects"],
    }
)  # fmt: skip
_GOOD = {
    "database": {
        "postgres": {
            "host": _POSTGRES,
            "username": "beta9",
            "password": "secret-password",
            "name": "beta9",
            "encryptionKey": "sk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        },
        "redis": {"addrs": [f"{_REDIS}:6379"], "enableTLS": True, "password": "token"},
    },
    "storage": {
        "juicefs": {
            "redisURI": f"rediss://:token@{_REDIS}:6379/1",
            "awsS3Bucket": "https://objects.s3.us-east-1.amazonaws.com",
        }
    },
    "imageService": {"registryStore": "s3", "registries": {"s3": {"bucketName": "objects"}}},
}


def _problems(path=None, value=None):
    config = copy.deepcopy(_GOOD)
    if path:
        *parents, last = path.split(".")
        place = config
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    return problems(merge([yaml.safe_dump(config)]), _AROUND)


def test_a_good_configuration_has_no_problem():
    assert _problems() == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("database.postgres.encryptionKey", None, "encryptionKey is not set"),
        ("database.postgres.encryptionKey", "sk_c2hvcnQ=", "AES key"),
        ("database.postgres.encryptionKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AES key"),
        ("database.postgres.encryptionKey", "sk_%%%", "AES key"),
        ("database.postgres.host", "elsewhere", "cannot connect to Postgres at elsewhere:5432"),
        ("database.postgres.host", None, "cannot connect to Postgres"),
        ("database.postgres.port", 5433, "cannot connect to Postgres"),
        ("database.postgres.username", "root", "no user root"),
        ("database.postgres.name", "main", "no database main"),
        ("database.postgres.password", "", "password"),
        ("database.postgres.password", "with space", "password"),
        ("database.redis.addrs", [], "not a list"),
        ("database.redis.addrs", f"{_REDIS}:6379", "not a list"),
        ("database.redis.addrs", ["redis-master:6379"], "cannot connect to Redis at redis-master:6379"),
        ("database.redis.addrs", [f"{_POSTGRES}:5432"], "not Redis"),
        ("database.redis.addrs", ["quiet.example"], "keyspace"),
        ("database.redis.enableTLS", False, "wants TLS"),
        ("database.redis.password", "", "wants a password"),
        ("database.redis.password", "stale", "refuses the password (database.redis.password)"),
        ("database.redis.addrs", ["open.example"], "has no password"),
        ("database.redis.mode", "sentinel", "mode"),
        ("storage.juicefs.redisURI", f"rediss://:stale@{_REDIS}:6379/1", "refuses the password (storage.juicefs"),
        ("storage.juicefs.redisURI", f"redis://:token@{_REDIS}:6379/1", "scheme rediss"),
        ("storage.juicefs.redisURI", f"rediss://{_REDIS}:6379/1", "wants a password"),
        ("storage.juicefs.redisURI", "redis://juicefs-redis-master:6379/0", "JuiceFS cannot connect"),
        ("storage.juicefs.awsS3Bucket", "https://other.s3.us-east-1.amazonaws.com", "no bucket"),
        ("imageService.registries.s3.bucketName", "other", "no bucket other"),
        ("gateway.grpc.port", 2000, "gateway.grpc.port"),
    ],
)
def test_each_wrong_value_is_named(path, value, said):
    found = _problems(path, value)
    assert any(said in problem for problem in found), found
    assert not any("secret-password" in problem or "token" in problem for problem in found)


def test_each_of_two_passwords_is_taken_while_they_are_rotated_also_escaped_in_an_address():
    assert _problems("database.redis.password", "to/ken") == []
    assert _problems("storage.juicefs.redisURI", f"rediss://:to%2Fken@{_REDIS}:6379/1") == []


def test_an_empty_configuration_has_the_real_defaults_that_lead_nowhere():
    found = problems(merge([]), _AROUND)
    assert any("postgresql:5432" in problem for problem in found)
    assert any("redis-master:6379" in problem for problem in found)
    assert any("juicefs-redis-master:6379" in problem for problem in found)


def test_a_path_style_address_names_its_bucket():
    assert _problems("storage.juicefs.awsS3Bucket", "https://s3.us-east-1.amazonaws.com/objects") == []


def test_later_documents_lie_over_earlier_ones():
    config = merge(["database: {postgres: {host: a, port: 1}}", "database: {postgres: {host: b}}", ""])
    assert config.at("database", "postgres", "host") == "b"
    assert config.at("database", "postgres", "port") == 1
    assert config.at("no", "such") is None


@pytest.mark.parametrize("text", ["- a list", "just text", "{"])
def test_what_is_no_mapping_cannot_be_read(text):
    with pytest.raises(ConfigUnreadable):
        merge([text])
