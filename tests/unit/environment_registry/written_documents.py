"""Documents for the tests of their rules: small ones, and three that say between them every field."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

from google.protobuf import text_format
from provisioning.environment.v1 import environment_spec_pb2 as pb

from libs.failures import Failure
from services.environment_registry.documents import check_document

ISSUED = "issued"
CLOUD = """
cloud { provider: PROVIDER_AWS region: "eu-central-1" account_id: "123456789012"
        role_arn: "arn:aws:iam::123456789012:role/path/Beta9Provisioner" external_id: "issued" }
"""
BETA9 = """
beta9 { domain: "beta9.example.com" version: "0.1.762" enable_metrics: false enable_logging: false
        workers { min_workers: 0 max_workers: 1 } }
"""
SMALL = f"""{CLOUD}
cluster {{ profile: PROFILE_SMALL node_labels {{ key: "team.example/name" value: "ml" }} }}
data {{ postgres {{ size: SIZE_SMALL multi_az: false backup_retention_days: 0 storage_gb: 20 }}
       redis {{ size: SIZE_SMALL ha: false num_replicas: 0 }}
       object_store {{ bucket_prefix: "beta9" versioning: false lifecycle_days: 1 }} }}
{BETA9}
"""
OWN_NETWORK = f"""{CLOUD}
cloud {{ tags {{ key: "cost center" value: "ml/42" }} tags {{ key: "empty" value: "" }}
        permissions_boundary_arn: "arn:aws:iam::123456789012:policy/team/Boundary"
        kms_key_arn: "arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef" }}
network {{ cidr: "172.20.0.0/18" zone_count: 3 zone_ids: ["euc1-az1", "euc1-az2", "euc1-az3"] nat: NAT_MODE_PER_ZONE
          flow_logs: false log_retention_days: 3653 }}
cluster {{
  profile: PROFILE_LARGE node_labels {{ key: "team.example/name" value: "ml" }}
  node_taints {{ key: "dedicated" value: "beta9" effect: TAINT_EFFECT_NO_SCHEDULE }}
  node_taints {{ key: "dedicated" effect: TAINT_EFFECT_NO_EXECUTE }}
  version: "1.35" support: SUPPORT_STANDARD endpoint_access: ENDPOINT_ACCESS_PUBLIC
  public_access_cidrs: ["203.0.113.0/24", "198.51.100.7/32"]
  system_nodes {{ instance_types: ["m7i.xlarge", "m7i-flex.xlarge", "m7a.xlarge"] min_size: 3 max_size: 450
                 desired_size: 3 disk_gb: 20 capacity_type: CAPACITY_TYPE_ON_DEMAND
                 capacity_reservation_id: "cr-0123456789abcdef0" }}
  node_groups {{ name: "cpu-spot" instance_types: ["c7i.2xlarge", "c6i.2xlarge"] capacity_type: CAPACITY_TYPE_SPOT
                labels {{ key: "a" value: "b" }}
                taints {{ key: "a" value: "b" effect: TAINT_EFFECT_PREFER_NO_SCHEDULE }} }}
  node_groups {{ name: "h100" gpu_type: GPU_TYPE_H100 gpu_count: 8 capacity_type: CAPACITY_TYPE_CAPACITY_BLOCK
                capacity_reservation_id: "cr-0123456789abcdef1" disk_gb: 16384 }}
  node_groups {{ name: "b300" gpu_type: GPU_TYPE_B300 instance_types: ["p6-b300.48xlarge"] }}
}}
data {{
  postgres {{ size: SIZE_LARGE instance_class: "db.r7g.xlarge" version: "18" multi_az: true backup_retention_days: 35
             storage_gb: 500 max_storage_gb: 550 backup_window: "23:30-00:30"
             maintenance_window: "sun:00:30-sun:02:00" final_snapshot: false }}
  redis {{ size: SIZE_MEDIUM engine: CACHE_ENGINE_REDIS version: "7.1" node_type: "cache.r7g.large" ha: true
          num_replicas: 5 snapshot_retention_days: 0 snapshot_window: "03:00-04:00"
          maintenance_window: "sat:23:30-sun:00:30" }}
  object_store {{ bucket_prefix: "a" versioning: true lifecycle_days: 3650
                 workspace_buckets: WORKSPACE_BUCKETS_DELETE }}
}}
beta9 {{ domain: "beta9.example.com" version: "latest" enable_metrics: true enable_logging: true
        workers {{ gpu_enabled: true gpu_type: GPU_TYPE_V100 gpu_count: 1 min_workers: 0 max_workers: 450
                  capacity_type: CAPACITY_TYPE_ON_DEMAND capacity_reservation_id: "cr-01234567" }} }}
deletion_protection: true
state {{ bucket: "beta9-tf-state-acme" retention_days: 30 dynamodb_table: "terraform-locks"
        kms_key_arn: "arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef" }}
"""
OWN_VPC = f"""{CLOUD}
network {{ existing_vpc_id: "vpc-0123456789abcdef0" existing_private_subnet_ids: ["subnet-01234567", "subnet-12345678"]
          existing_public_subnet_ids: ["subnet-0123456789abcdef0"] flow_logs: true }}
cluster {{ endpoint_access: ENDPOINT_ACCESS_PRIVATE }}
{BETA9}
"""
OWN_CLUSTER = f"""{CLOUD}
state {{ gcs {{ bucket: "acme-states" prefix: "beta9/prod" }} }}
network {{ existing_private_subnet_ids: ["subnet-01234567", "subnet-12345678"] }}
cluster {{ profile: PROFILE_MEDIUM use_existing: true existing_cluster_name: "Mine_1" node_groups {{ name: "mine" }} }}
{BETA9}
"""
ALL = {"small": SMALL, "own network": OWN_NETWORK, "existing VPC": OWN_VPC, "existing cluster": OWN_CLUSTER}


def parsed(text: str) -> pb.EnvironmentSpec:
    # Unlike Parse it takes a part in two pieces.
    return text_format.Merge(text, pb.EnvironmentSpec())


def with_field(text: str, path: str, value: Any) -> pb.EnvironmentSpec:
    """A document with one field changed; `[0]` is an item of a list, a trailing `[key]` one of a map."""
    spec = parsed(text)
    names = re.findall(r"[^.\[\]]+", path)
    message = reduce(lambda at, name: at[int(name)] if name.isdigit() else getattr(at, name), names[:-1], spec)
    last = names[-1]
    if last.isdigit():
        message[int(last)] = value
    elif isinstance(value, list | tuple):
        message.ClearField(last)
        getattr(message, last).extend(value)
    elif isinstance(value, dict):
        message.ClearField(last)
        getattr(message, last).update(value)
    elif value is None:
        message.ClearField(last)
    else:
        setattr(message, last, value)
    return spec


def violations(spec: pb.EnvironmentSpec) -> dict[str, str]:
    """The reason of each field that is refused, by its path in the document; empty for a document that is accepted."""
    try:
        check_document(spec, issued_external_id=ISSUED)
    except Failure as failure:
        assert failure.remedy and failure.violations
        for one in failure.violations:
            assert (one.description[-1] == "." and ":" in one.description) or one.description.startswith("Must"), one
            assert len(one.description) < 600 and len(one.field) < 300
        assert failure.reason in {one.reason for one in failure.violations}
        return {one.field.removeprefix("environment.spec."): one.reason for one in failure.violations}
    return {}
