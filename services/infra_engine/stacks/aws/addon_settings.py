"""Settings of the add-ons that run as pods of their own: where they run, as their configuration's JSON.

They belong on the system nodes, whatever taints those have: other groups may be empty, spot, or full of GPUs. What runs
on every node (vpc-cni, kube-proxy, the EBS driver's node part) tolerates every taint by itself.
"""

import json
from collections.abc import Sequence

from services.infra_engine.stacks.aws.node_groups import GROUP_LABEL
from services.infra_engine.stacks.stack_input import SYSTEM, Taint

# EKS says effects in its own words; Kubernetes in its own.
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}
# What the add-ons tolerate without settings, which ours take the place of.
_DEFAULTS: list[dict[str, object]] = [
    {"key": "CriticalAddonsOnly", "operator": "Exists"},
    {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
]


def coredns_settings(taints: Sequence[Taint]) -> str:
    return _json(_placement(taints))


def ebs_csi_settings(taints: Sequence[Taint]) -> str:
    return _json({"controller": _placement(taints)})


def _placement(taints: Sequence[Taint]) -> dict[str, object]:
    tolerated = [
        {"key": one.key, "operator": "Equal", "value": one.value, "effect": _EFFECTS[one.effect]} for one in taints
    ]
    return {"nodeSelector": {GROUP_LABEL: SYSTEM}, "tolerations": [*_DEFAULTS, *tolerated]}


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, sort_keys=True)
