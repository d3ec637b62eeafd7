"""A private endpoint without a way to it is told as such."""

from __future__ import annotations

from typing import Any

import pytest

from libs.failures import Actor, Failure
from services.cluster_bootstrapper.cluster import Cluster
from services.cluster_bootstrapper.reach import prove_private_reach

CLUSTER = Cluster("prod", "us-east-1", "https://abc.eks.amazonaws.com", "")


class Api:
    def __init__(self, *reasons: str) -> None:
        self.reasons = list(reasons)

    async def get(self, path: str) -> None:
        assert path == "/version"
        if self.reasons:
            raise Failure(self.reasons.pop(0), "No.", retryable=True)


async def reach(*reasons: str, seconds: float = 5.0) -> None:
    api: Any = Api(*reasons)
    await prove_private_reach(api, CLUSTER, "vpc-1", seconds=seconds, interval=0)


async def test_an_endpoint_that_answers_is_reached_whatever_it_says() -> None:
    await reach()
    await reach("CLUSTER_ACCESS_DENIED")


async def test_a_moment_of_silence_is_none() -> None:
    await reach("CLUSTER_UNREACHABLE", "CLUSTER_UNREACHABLE")


async def test_silence_is_told_with_its_cause_and_what_to_do() -> None:
    with pytest.raises(Failure) as caught:
        await reach(*["CLUSTER_UNREACHABLE"] * 9, seconds=0.0)
    failure = caught.value
    assert failure.reason == "PRIVATE_ENDPOINT_UNREACHABLE"
    assert not failure.retryable and failure.actor is Actor.CUSTOMER
    assert "vpc-1" in failure.message and "endpoint_access" in failure.message
    for way in ("VPC", "peering", "public_access_cidrs"):
        assert way in failure.remedy
