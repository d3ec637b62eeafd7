"""Versions and families of the engines."""

import pytest
from moto.core.exceptions import ServiceException

from libs.sandbox.aws.eks import releases
from libs.sandbox.aws.elasticache import engines
from libs.sandbox.aws.rds import offers


@pytest.mark.parametrize(
    ("engine", "wanted", "exact"),
    [("valkey", "8.0", "8.0.1"), ("valkey", "8", "8.1.0"), ("redis", "6.x", "6.2.6"), ("redis", "7.1", "7.1.0")],
)
def test_a_cache_version_is_made_exact(engine: str, wanted: str, exact: str) -> None:
    assert engines.resolve(engine, wanted) == exact


def test_an_unknown_cache_version_is_refused() -> None:
    with pytest.raises(ServiceException, match=r"Cannot find version 8\.0 for redis"):
        engines.resolve("redis", "8.0")


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [("valkey", "8.0.1", "valkey8"), ("redis", "6.2.6", "redis6.x"), ("redis", "7.1.0", "redis7")],
)
def test_a_cache_family(engine: str, version: str, family: str) -> None:
    assert engines.family(engine, version) == family
    assert family in engines.FAMILIES


def test_a_database_version() -> None:
    assert offers.resolve("postgres", "17") == offers.VERSIONS["postgres"]["17"][-1]
    assert offers.resolve("postgres", "17.4") == "17.4"
    assert offers.family("postgres", "17.4") == "postgres17"
    with pytest.raises(Exception, match=r"Cannot find version 9\.6"):
        offers.resolve("postgres", "9.6")


def test_every_cluster_version_has_the_add_ons_of_the_stack() -> None:
    for version in releases.RELEASES:
        for addon in ("vpc-cni", "coredns", "kube-proxy", "aws-ebs-csi-driver"):
            assert releases.addon_versions(addon, version), (addon, version)
