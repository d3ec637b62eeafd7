"""What is built keeps its versions where the document says none."""

from __future__ import annotations

import pytest
from provisioning.environment.v1 import environment_spec_pb2 as pb
from provisioning.environment.v1.environment_pb2 import EnvironmentOutputs

from services.environment_registry.documents import Change, field_changes, with_built_versions
from tests.unit.environment_registry.written_documents import parsed

BUILT = EnvironmentOutputs(cluster_version="1.34", postgres_version="16", redis_engine="redis", redis_version="7.0")


def settled(text: str, outputs: EnvironmentOutputs = BUILT) -> pb.EnvironmentSpec:
    given = parsed(text)
    before = given.SerializeToString(deterministic=True)
    kept = with_built_versions(given, outputs)
    assert given.SerializeToString(deterministic=True) == before, "the document itself stays"
    return kept


def test_what_is_built_stays_where_the_document_says_nothing() -> None:
    kept = settled("")
    assert (kept.cluster.version, kept.data.postgres.version) == ("1.34", "16")
    assert (kept.data.redis.engine, kept.data.redis.version) == (pb.CACHE_ENGINE_REDIS, "7.0")


def test_what_the_document_says_wins() -> None:
    said = 'cluster { version: "1.35" } data { postgres { version: "18" } redis { version: "7.1" } }'
    kept = settled(said)
    assert (kept.cluster.version, kept.data.postgres.version, kept.data.redis.version) == ("1.35", "18", "7.1")


def test_another_engine_has_versions_of_its_own() -> None:
    kept = settled("data { redis { engine: CACHE_ENGINE_VALKEY } }")
    assert kept.data.redis.engine == pb.CACHE_ENGINE_VALKEY and not kept.data.redis.HasField("version")


@pytest.mark.parametrize("text", ["", "cluster { use_existing: true }"])
def test_what_is_not_built_or_not_ours_is_not_written_down(text: str) -> None:
    none = settled(text, EnvironmentOutputs())
    assert none == parsed(text)
    theirs = settled("cluster { use_existing: true }", EnvironmentOutputs(cluster_version="1.34"))
    assert not theirs.cluster.HasField("version")


def test_to_write_down_what_is_built_or_to_leave_it_out_changes_nothing() -> None:
    said = 'cluster { version: "1.34" } data { postgres { version: "16" } redis { version: "7.0" } }'
    for present, wished in (("", said), (said, "")):
        assert field_changes(settled(present), settled(wished), "1.34") == []
    default = 'data { redis { engine: CACHE_ENGINE_VALKEY version: "8.0" } }'
    found = {one.path: one.change for one in field_changes(settled(""), settled(default), "1.34")}
    assert found == {"data.redis.engine": Change.DISRUPTIVE, "data.redis.version": Change.DISRUPTIVE}
