"""The examples are documents that the registry accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.beta9ctl.document_file import load
from tests.unit.environment_registry.written_documents import violations

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_accepted(path: Path) -> None:
    assert violations(load(str(path)).spec) == {}


PRIOR = """
name: prior
cloud: {provider: aws, region: us-west-2, account_id: "123456789012", service_account: null, external_id: issued,
        role_arn: "arn:aws:iam::123456789012:role/Beta9Provisioner"}
cluster: {profile: small, use_existing: false, existing_cluster_name: null, node_labels: {}, node_taints: []}
data:
  postgres: {size: small, multi_az: true, backup_retention_days: 7, storage_gb: null}
  redis: {size: small, ha: true, num_replicas: null}
  object_store: {bucket_prefix: beta9, versioning: true, lifecycle_days: 90}
beta9:
  domain: beta9.example.com
  version: latest
  enable_metrics: true
  enable_logging: true
  workers: {gpu_enabled: false, gpu_type: null, min_workers: 1, max_workers: 10}
"""


@pytest.mark.parametrize("profile", ["small", "medium", "large"])
@pytest.mark.parametrize("gpu", ["nvidia-tesla-t4", "nvidia-tesla-v100", "nvidia-tesla-a100", None])
def test_documents_of_the_time_before_are_accepted_unchanged(tmp_path: Path, profile: str, gpu: str | None) -> None:
    text = PRIOR.replace("small", profile)
    if gpu is not None:
        text = text.replace("gpu_enabled: false, gpu_type: null", f"gpu_enabled: true, gpu_type: {gpu}")
    path = tmp_path / "prior.yaml"
    path.write_text(text)
    assert violations(load(str(path)).spec) == {}
