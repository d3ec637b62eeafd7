"""Rules of `beta9`: the installation and its GPU workers."""

from __future__ import annotations

import re

from provisioning.environment.v1 import environment_spec_pb2 as pb

from services.environment_registry.documents.findings import Findings
from services.environment_registry.documents.node_groups import GPU_COUNTS, MOST_NODES, check_purchase

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_VERSION = re.compile(r"latest|(gateway-)?[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}")
_DEFAULT_WORKERS = (1, 10)


def check_beta9(found: Findings, beta9: pb.Beta9Spec, at: str) -> None:
    """Check `beta9`."""
    found.match(f"{at}.domain", beta9.domain, _DOMAIN, 'a lower-case DNS name such as "beta9.example.com"')
    if beta9.HasField("version"):
        found.match(f"{at}.version", beta9.version, _VERSION, '"latest" or a release such as "0.1.762"')
    _workers(found, beta9.workers, f"{at}.workers")


def _workers(found: Findings, workers: pb.WorkersSpec, at: str) -> None:
    known = found.enum(f"{at}.gpu_type", workers.gpu_type, pb.GpuType)
    if workers.gpu_enabled:
        if known and not workers.gpu_type:
            found.invalid(f"{at}.gpu_type", "Is missing: give one such as GPU_TYPE_T4, or leave gpu_enabled out.")
        if workers.HasField("gpu_count") and workers.gpu_count not in GPU_COUNTS:
            found.invalid(f"{at}.gpu_count", f"Is {workers.gpu_count}: must be 1, 2, 4 or 8.")
        check_purchase(found, workers, at)
    else:
        why = "without gpu_enabled"
        if known:
            found.pointless(f"{at}.gpu_type", workers.gpu_type, why)
        for field in ("gpu_count", "capacity_type"):
            found.pointless(f"{at}.{field}", workers.HasField(field), why)
        found.pointless(f"{at}.capacity_reservation_id", workers.capacity_reservation_id, why)
    least = workers.min_workers if workers.HasField("min_workers") else _DEFAULT_WORKERS[0]
    most = workers.max_workers if workers.HasField("max_workers") else _DEFAULT_WORKERS[1]
    legal = found.within(f"{at}.min_workers", least, 0, MOST_NODES)
    if found.within(f"{at}.max_workers", most, 1, MOST_NODES) and legal and least > most:
        found.invalid(f"{at}.min_workers", f"Is {least}, and max_workers is {most}: lower it, or raise max_workers.")
