"""Sizes, taints and versions of node groups."""

from typing import Any

import pytest
from moto.core.exceptions import ServiceException

from libs.sandbox.aws.eks import node_settings
from libs.sandbox.aws.eks.models import Cluster
from libs.sandbox.aws.eks.releases import ADDONS, RELEASES, addon_versions

SIZES = {"minSize": 1, "maxSize": 3, "desiredSize": 2}


def test_sizes_that_fit() -> None:
    assert node_settings.scaling(SIZES, {"desiredSize": 3, "minSize": None}) == SIZES | {"desiredSize": 3}
    assert node_settings.scaling(SIZES, {"minSize": 0, "desiredSize": 0})["desiredSize"] == 0


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"desiredSize": 4}, "can't be greater than max size 3"),
        ({"minSize": 3}, "Minimum capacity 3 can't be greater than desired size 2"),
        ({"minSize": 0, "maxSize": 0, "desiredSize": 0}, "at least 1"),
    ],
)
def test_sizes_that_do_not(given: dict[str, int], problem: str) -> None:
    with pytest.raises(ServiceException, match=problem):
        node_settings.scaling(SIZES, given)


@pytest.mark.parametrize(
    "taints",
    [
        [{"key": "a", "effect": "NoSchedule"}],
        [{"key": "a", "effect": "NO_SCHEDULE"}, {"key": "a", "value": "b", "effect": "NO_SCHEDULE"}],
    ],
)
def test_wrong_taints(taints: list[dict[str, Any]]) -> None:
    with pytest.raises(ServiceException, match="taint"):
        node_settings.check_taints(taints)


def test_nodes_are_never_newer_than_their_cluster() -> None:
    cluster = Cluster(view={"version": "1.35"}, creator_arn="")
    node_settings.check_version(cluster, "1.34", "1.34.7-20261112")
    for version, release, problem in (
        ("1.36", None, "newer than the cluster"),
        ("1.20", None, "not supported"),
        ("1.35", "1.34.7-20261112", "not valid for kubernetes version 1.35"),
    ):
        with pytest.raises(ServiceException, match=problem):
            node_settings.check_version(cluster, version, release)


def test_every_version_has_every_add_on() -> None:
    for addon in ADDONS:
        assert all(addon_versions(addon, version) for version in RELEASES), addon
    assert addon_versions("coredns", "1.35")[0] != addon_versions("coredns", "1.36")[0]
