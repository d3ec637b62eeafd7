"""The API of Service Quotas.

AWS: lists and gives each quota's applied value, which is the default until an increase was granted; knows
defaults apart from applied values; takes requests for more.
moto: VPC's quotas alone, of one region, and neither lists nor requests.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS
from moto.servicequotas.responses import ServiceQuotasResponse

from libs.sandbox.aws.servicequotas import applied
from libs.sandbox.aws.servicequotas.defaults import QUOTAS, SERVICE_NAMES, Quota


class QuotaFailure(JsonRESTError):
    """An error of this API."""

    code = 400


def mend() -> None:
    """Answer by our own table."""
    for name, answer in _ANSWERS.items():
        setattr(ServiceQuotasResponse, name, answer)


def _known() -> dict[tuple[str, str], Quota]:
    vpc: list[dict[str, Any]] = VPC_DEFAULT_QUOTAS
    moto = (
        Quota(view["ServiceCode"], view["QuotaCode"], view["QuotaName"], view["Value"], view["Adjustable"])
        for view in vpc
    )
    return {(quota.service, quota.code): quota for quota in (*moto, *QUOTAS)}


def _view(response: ServiceQuotasResponse, quota: Quota, value: float) -> dict[str, Any]:
    region, account = response.region, response.current_account
    return {
        "ServiceCode": quota.service,
        "ServiceName": SERVICE_NAMES[quota.service],
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": quota.unit,
        "Adjustable": quota.adjustable,
        "GlobalQuota": False,
    }


def _find(parameters: dict[str, Any]) -> Quota:
    quota = _known().get((str(parameters.get("ServiceCode")), str(parameters.get("QuotaCode"))))
    if quota is None:
        raise QuotaFailure("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return quota


def _of_service(parameters: dict[str, Any]) -> list[Quota]:
    service = str(parameters.get("ServiceCode"))
    if service not in SERVICE_NAMES:
        raise QuotaFailure(
            "NoSuchResourceException",
            "This service is not available in the current Region. Choose a different Region or a different service.",
        )
    return [quota for (name, _), quota in sorted(_known().items()) if name == service]


def _applied(response: ServiceQuotasResponse, quota: Quota) -> float:
    return applied.value(response.current_account, response.region, quota)


def _get(self: ServiceQuotasResponse) -> str:
    quota = _find(json.loads(self.body))
    return json.dumps({"Quota": _view(self, quota, _applied(self, quota))})


def _get_default(self: ServiceQuotasResponse) -> str:
    quota = _find(json.loads(self.body))
    return json.dumps({"Quota": _view(self, quota, quota.value)})


def _list(self: ServiceQuotasResponse) -> str:
    quotas = _of_service(json.loads(self.body))
    return json.dumps({"Quotas": [_view(self, quota, _applied(self, quota)) for quota in quotas]})


def _list_defaults(self: ServiceQuotasResponse) -> str:
    quotas = _of_service(json.loads(self.body))
    return json.dumps({"Quotas": [_view(self, quota, quota.value) for quota in quotas]})


def _request(self: ServiceQuotasResponse) -> str:
    """Stays PENDING: people at AWS decide, which the admin API stands for."""
    parameters = json.loads(self.body)
    quota, desired = _find(parameters), float(parameters["DesiredValue"])
    if desired <= _applied(self, quota):
        raise QuotaFailure(
            "IllegalArgumentException", "You must provide a quota value greater than the current quota value."
        )
    view = _view(self, quota, desired)
    request = {key: view[key] for key in ("ServiceCode", "ServiceName", "QuotaArn", "QuotaCode", "QuotaName", "Unit")}
    return json.dumps(
        {"RequestedQuota": request | {"Id": uuid.uuid4().hex, "DesiredValue": desired, "Status": "PENDING"}}
    )


def _list_services(self: ServiceQuotasResponse) -> str:
    return json.dumps({"Services": [{"ServiceCode": key, "ServiceName": SERVICE_NAMES[key]} for key in SERVICE_NAMES]})


_ANSWERS = {
    "get_service_quota": _get,
    "get_aws_default_service_quota": _get_default,
    "list_service_quotas": _list,
    "list_aws_default_service_quotas": _list_defaults,
    "request_service_quota_increase": _request,
    "list_services": _list_services,
}
