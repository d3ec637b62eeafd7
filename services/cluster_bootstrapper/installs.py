"""The releases of an environment as installs, from what the pins, the document and the outputs say.

Standard library only; what it needs of AWS comes in through ports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.cluster_bootstrapper.baseline_values import (
    cert_manager_values,
    metrics_server_values,
    nginx_ingress_values,
)
from services.cluster_bootstrapper.charts import (
    BETA9,
    CERT_MANAGER,
    METRICS_SERVER,
    NGINX_INGRESS,
    beta9_release,
    chart_install,
)
from services.cluster_bootstrapper.environment_secrets import (
    encryption_key,
    postgres_login,
    workspace_storage_keys,
)
from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.outputs import BackendOutputs
from services.cluster_bootstrapper.ports import AccessKeys, ChartInstall, Helm, Log, Secrets
from services.cluster_bootstrapper.values import Beta9Document, Beta9Secrets, beta9_values


def baseline_installs(charts_dir: Path | None = None) -> list[ChartInstall]:
    """What Beta9 rests on; the order is free. Raises Failure `CHART_NOT_FOUND` before anything is installed."""
    return [
        chart_install(NGINX_INGRESS, nginx_ingress_values(), charts_dir=charts_dir),
        chart_install(CERT_MANAGER, cert_manager_values(), charts_dir=charts_dir),
        chart_install(METRICS_SERVER, metrics_server_values(), charts_dir=charts_dir),
    ]


async def install_charts(helm: Helm, installs: Sequence[ChartInstall], log: Log) -> None:
    """Brings all of them about at the same time. Idempotent.

    Raises the first failure once all have ended: a Helm that is cut off would have to be recovered.
    """

    async def one(install: ChartInstall) -> None:
        async def named(line: str) -> None:
            await log(f"[{install.release}] {line}")

        await install_chart(helm, install, named)

    results = await asyncio.gather(*(one(install) for install in installs), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


@dataclass(frozen=True)
class Beta9Credentials:
    """The secret part of Beta9's values, and where the encryption key is kept."""

    secrets: Beta9Secrets = field(repr=False)
    encryption_key_secret_arn: str


async def beta9_credentials(store: Secrets, keys: AccessKeys, uid: str, outputs: BackendOutputs) -> Beta9Credentials:
    """Reads, and at the first call makes, every credential that Beta9 needs. Idempotent."""
    username, password = await postgres_login(store, outputs.rds_master_user_secret_arn)
    key = await encryption_key(store, uid)
    access_key, secret_key, redis_password = "", "", ""
    if outputs.workspace_storage_user:
        pair = await workspace_storage_keys(store, keys, uid, outputs.workspace_storage_user)
        access_key, secret_key = pair.access_key_id, pair.secret_access_key
    if outputs.redis_auth_secret_arn:
        redis_password = await store.read(outputs.redis_auth_secret_arn)
    secrets = Beta9Secrets(
        postgres_username=username,
        postgres_password=password,
        encryption_key=key.value or "",
        redis_password=redis_password,
        workspace_access_key=access_key,
        workspace_secret_key=secret_key,
    )
    return Beta9Credentials(secrets, key.arn)


def beta9_install(
    document: Beta9Document,
    outputs: BackendOutputs,
    secrets: Beta9Secrets,
    *,
    exposed: bool,
    charts_dir: Path | None = None,
) -> ChartInstall:
    """Beta9, at first not `exposed`; the same again with Ingresses once its first admin token is claimed.

    The second changes no pod. Raises Failure `VALUES_INVALID`, `BETA9_VERSION_UNKNOWN` or `CHART_NOT_FOUND`.
    """
    values = beta9_values(document, outputs, secrets, exposed=exposed)
    return chart_install(
        BETA9,
        values,
        secrets=secrets.all(),
        charts_dir=charts_dir,
        version=beta9_release(document.version).gateway,
    )
