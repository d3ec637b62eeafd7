"""The cluster stack with backends that Beta9's gateway can reach, so that the whole way is walked in seconds.

The database and the cache are addresses of a Service that the baseline brings; all else is what the account holds.
Use it by PROVISIONING_STACKS=whole=tests.e2e.stacks.whole:WHOLE and PROVISIONING_STACK=whole.
"""

from dataclasses import replace
from typing import Any

from services.infra_engine.stacks.stack_input import StackInput
from tests.integration.infra_engine.stacks.cluster import CLUSTER

_HOST = "metrics-server.kube-system.svc.cluster.local"
_PORT = 443


def _variables(stack_input: StackInput) -> dict[str, object]:
    variables = dict(CLUSTER.variables(stack_input))
    stand_ins: Any = variables["stand_ins"]
    text = {
        **stand_ins["text"],
        "rds_endpoint": f"{_HOST}:{_PORT}",
        "rds_address": _HOST,
        "redis_endpoint": _HOST,
    }
    return {**variables, "stand_ins": {**stand_ins, "text": text, "port": {"rds_port": _PORT, "redis_port": _PORT}}}


WHOLE = replace(CLUSTER, name="whole", variables=_variables)
