from __future__ import annotations

from pathlib import Path

import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.charts import BASELINE, BETA9, CERT_MANAGER, NGINX_INGRESS, chart_install


def folder_with(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "Chart.yaml").write_text(f"name: {name}\n")
    return tmp_path


def test_every_chart_is_pinned_to_one_version() -> None:
    for chart in (*BASELINE, BETA9):
        assert chart.version.removeprefix("v").replace(".", "").isdigit(), chart
        assert chart.source.startswith("oci://") or chart.repository.startswith("https://")


def test_by_default_a_chart_comes_from_its_source() -> None:
    install = chart_install(NGINX_INGRESS, {})
    assert install.chart == NGINX_INGRESS.source
    assert install.version == NGINX_INGRESS.version
    assert not install.check_schema


def test_a_folder_of_charts_replaces_every_source(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, *(chart.name for chart in BASELINE))
    installs = [chart_install(chart, {}, charts_dir=folder) for chart in BASELINE]
    assert [install.chart for install in installs] == [str(folder / chart.name) for chart in BASELINE]
    assert {(install.version, install.repository, install.check_schema) for install in installs} == {("", "", True)}


def test_a_chart_that_the_folder_lacks_fails_and_is_not_skipped(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "nginx-ingress", "metrics-server")
    with pytest.raises(Failure) as caught:
        chart_install(CERT_MANAGER, {}, charts_dir=folder)
    assert caught.value.reason == "CHART_NOT_FOUND"
    assert "cert-manager" in caught.value.message and str(folder) in caught.value.message
    assert not caught.value.retryable
