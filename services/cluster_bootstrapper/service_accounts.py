"""The account that Beta9's workers run as. Standard library only."""

from __future__ import annotations

from services.cluster_bootstrapper.charts import BETA9
from services.cluster_bootstrapper.ports import Kube
from services.cluster_bootstrapper.values import ROLE_ANNOTATION, WORKER_SERVICE_ACCOUNT


async def ensure_worker_account(kube: Kube, role_arn: str) -> None:
    """Lets the workers' pods assume `role_arn`, in Beta9's namespace, which is there. Idempotent.

    Beta9 starts its workers as the namespace's `default` account, which no chart makes: it comes with the
    namespace, so the annotation is applied to it here, before the first worker starts.
    """
    namespace = BETA9.namespace
    await kube.apply(
        f"/api/v1/namespaces/{namespace}/serviceaccounts/{WORKER_SERVICE_ACCOUNT}",
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {
                "name": WORKER_SERVICE_ACCOUNT,
                "namespace": namespace,
                "annotations": {ROLE_ANNOTATION: role_arn},
            },
        },
    )
