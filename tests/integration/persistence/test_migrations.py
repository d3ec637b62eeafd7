"""Every service's versions lead to the tables that its code knows."""

import importlib
from pathlib import Path

import pytest

from libs.persistence.migrations import migrate, migration_drift

_SERVICES = Path(__file__).parents[3] / "services"


@pytest.mark.parametrize(
    "service", ["environment_registry", "state_backend_manager", "infra_engine", "cluster_bootstrapper"]
)
def test_the_newest_version_is_the_code_s(service: str, postgres_url: str) -> None:
    metadata = importlib.import_module(f"services.{service}.tables").METADATA
    versions = _SERVICES / service / "migrations" / "versions"
    assert migration_drift(postgres_url, metadata) != []
    migrate(postgres_url, versions, metadata)
    migrate(postgres_url, versions, metadata)
    assert migration_drift(postgres_url, metadata) == []
