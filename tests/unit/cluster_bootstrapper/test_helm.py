from __future__ import annotations

from typing import Any

import pytest

from services.cluster_bootstrapper.helm import install_chart
from services.cluster_bootstrapper.helm_errors import helm_failure
from services.cluster_bootstrapper.ports import ChartInstall, Log


def wanted(release: str = "beta9") -> ChartInstall:
    return ChartInstall(
        release=release,
        namespace="beta9",
        chart="/charts/beta9-chart",
        version="",
        repository="",
        values={"password": "hush"},
        secrets=("hush",),
        timeout_seconds=60,
    )


@pytest.mark.parametrize(
    ("statuses", "calls"),
    [
        ((), ["upgrade beta9"]),
        (("deployed",), ["upgrade beta9"]),
        (("failed",), ["upgrade beta9"]),
        (("pending-install",), ["uninstall beta9", "upgrade beta9"]),
        (("deployed", "pending-upgrade"), ["rollback beta9 1", "upgrade beta9"]),
        (("superseded", "deployed", "failed", "pending-rollback"), ["rollback beta9 2", "upgrade beta9"]),
        # Nothing that ever worked: there is nothing to roll back to.
        (("failed", "pending-upgrade"), ["uninstall beta9", "upgrade beta9"]),
        (("deployed", "uninstalling"), ["uninstall beta9", "upgrade beta9"]),
        (("uninstalled",), ["upgrade beta9"]),
    ],
)
async def test_a_release_is_brought_to_the_wanted_state_from_any(
    helm: Any, log: Log, statuses: tuple[str, ...], calls: list[str]
) -> None:
    helm.have("beta9", *statuses)
    await install_chart(helm, wanted(), log)
    assert helm.calls == calls


async def test_a_recovery_is_told(helm: Any, log: Log, lines: list[str]) -> None:
    helm.have("beta9", "deployed", "pending-upgrade")
    await install_chart(helm, wanted(), log)
    assert lines == ["release beta9 was left pending-upgrade: rolling back to revision 1"]


def test_an_install_does_not_show_its_values() -> None:
    assert "hush" not in repr(wanted())


@pytest.mark.parametrize(
    ("stderr", "reason", "retryable"),
    [
        ('Error: path "/charts/x" not found', "CHART_NOT_FOUND", False),
        (
            'Error: failed to perform "FetchReference" on source: ghcr.io/n/charts/x:9.9.9: not found',
            "CHART_NOT_FOUND",
            False,
        ),
        (
            "Error: chart \"x\" matching 1 not found in https://charts.example index. (try 'helm repo update')",
            "CHART_NOT_FOUND",
            False,
        ),
        (
            'Error: looks like "https://x" is not a valid chart repository or cannot be reached: '
            'Get "https://x/index.yaml": dial tcp: lookup x: no such host',
            "CHART_SOURCE_UNREACHABLE",
            True,
        ),
        (
            "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nx:\n"
            "- at '': additional properties 'nonsense' not allowed",
            "CHART_VALUES_REJECTED",
            False,
        ),
        (
            "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nx:\n"
            'failing loading "https://raw.example/_definitions.json": HTTP request failed: dial tcp: lookup',
            "CHART_SOURCE_UNREACHABLE",
            True,
        ),
        (
            "Error: INSTALLATION FAILED: resource Deployment/beta9/beta9-gateway not ready. status: InProgress\n"
            "context deadline exceeded",
            "CHART_NOT_READY",
            True,
        ),
        (
            "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
            "RELEASE_BUSY",
            True,
        ),
        (
            'Error: kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp: refused',
            "CLUSTER_UNREACHABLE",
            True,
        ),
        ("Error: something else", "HELM_FAILED", True),
        ("", "HELM_FAILED", True),
    ],
)
def test_what_helm_said_is_understood(stderr: str, reason: str, retryable: bool) -> None:
    failure = helm_failure("install", "x", "oci://ghcr.io/n/charts/x", stderr)
    assert (failure.reason, failure.retryable) == (reason, retryable)
    assert failure.remedy


def test_the_message_names_the_cause_and_is_not_endless() -> None:
    failure = helm_failure("install", "x", "c", "level=WARN msg=y\nError: resource A not ready\n" + "z" * 5000)
    assert "resource A not ready" in failure.message
    assert len(failure.message) < 600
