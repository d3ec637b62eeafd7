"""Which values of quotas count."""

from typing import Any

from services.infra_engine.preflight.aws.quotas import quotas, wanted


class PlayedQuotas:
    """Service Quotas of an account in which little was ever raised."""

    def __init__(self, applied: dict[str, dict[str, float]], defaults: dict[str, dict[str, float]]) -> None:
        self._applied = applied
        self._defaults = defaults
        self.asked_defaults: list[str] = []

    def can_paginate(self, operation: str) -> bool:
        return False

    def list_service_quotas(self, **parameters: str) -> dict[str, Any]:
        return _views(self._applied.get(parameters["ServiceCode"], {}))

    def list_aws_default_service_quotas(self, **parameters: str) -> dict[str, Any]:
        self.asked_defaults.append(parameters["ServiceCode"])
        return _views(self._defaults.get(parameters["ServiceCode"], {}))


def _views(values: dict[str, float]) -> dict[str, Any]:
    return {"Quotas": [{"QuotaCode": code, "Value": value} for code, value in values.items()]}


def test_what_is_applied_counts_and_else_the_default() -> None:
    all_of_ec2 = dict.fromkeys(wanted()["ec2"], 64.0)
    played = PlayedQuotas(
        {"ec2": all_of_ec2, "rds": {"L-7B6409FD": 80.0}}, {"rds": {"L-7B6409FD": 40.0}, "eks": {"L-1194D53C": 100.0}}
    )
    found = quotas(played)
    assert (found["L-7B6409FD"], found["L-1194D53C"], found["L-1216C47A"]) == (80, 100, 64)
    assert "L-6D54EA21" not in found, "what AWS does not tell is not judged"
    assert not {"ec2", "rds"} & set(played.asked_defaults)


def test_every_judged_quota_is_asked_for() -> None:
    assert set(wanted()) == {"ec2", "vpc", "eks", "rds", "elasticache", "s3"}
