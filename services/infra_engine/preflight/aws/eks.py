"""Kubernetes's versions on EKS, and a cluster of the customer's own."""

import socket
from typing import Any
from urllib.parse import urlsplit

from libs.aws_access.errors import error_code
from services.infra_engine.preflight.aws.clients import pages
from services.infra_engine.preflight.facts import ExistingCluster

_CONNECT_SECONDS = 3.0
_GOING = frozenset({"DELETING", "FAILED"})
_ADMIN = "AmazonEKSClusterAdminPolicy"


def versions(eks: Any) -> dict[str, str]:
    """EKS's support by version."""
    return {
        view["clusterVersion"]: str(view.get("versionStatus") or view.get("status", "")).upper().replace("-", "_")
        for view in pages(eks, "describe_cluster_versions", "clusterVersions")
    }


def control_plane(eks: Any, name: str) -> str | None:
    """The Kubernetes version of a cluster; None when there is none, or it does not stay."""
    try:
        view = eks.describe_cluster(name=name)["cluster"]
    except Exception as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    return None if view["status"] in _GOING else str(view["version"])


def cluster(eks: Any, name: str, role_arn: str) -> ExistingCluster | None:
    """The cluster, whether the role is let in, and whether its endpoint can be connected to from here."""
    try:
        view = eks.describe_cluster(name=name)["cluster"]
    except Exception as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    mode = view.get("accessConfig", {}).get("authenticationMode", "CONFIG_MAP")
    config = view["resourcesVpcConfig"]
    endpoint = view.get("endpoint", "")
    return ExistingCluster(
        name=name,
        status=view["status"],
        version=view["version"],
        vpc_id=config.get("vpcId", ""),
        subnet_ids=tuple(config.get("subnetIds", [])),
        issuer=view.get("identity", {}).get("oidc", {}).get("issuer"),
        authentication_mode=mode,
        access=None if mode == "CONFIG_MAP" else _let_in(eks, name, role_arn),
        ebs_csi_driver=_addon(eks, name, "aws-ebs-csi-driver"),
        endpoint=endpoint,
        public_endpoint=bool(config.get("endpointPublicAccess", True)),
        reachable=_connects(endpoint),
        security_group_id=config.get("clusterSecurityGroupId", ""),
    )


def _let_in(eks: Any, name: str, role_arn: str) -> bool:
    try:
        policies = pages(
            eks,
            "list_associated_access_policies",
            "associatedAccessPolicies",
            clusterName=name,
            principalArn=role_arn,
        )
    except Exception as error:
        if error_code(error) == "ResourceNotFoundException":
            return False
        raise
    return any(one["policyArn"].endswith(_ADMIN) and one["accessScope"]["type"] == "cluster" for one in policies)


def _addon(eks: Any, name: str, addon: str) -> str | None:
    try:
        return str(eks.describe_addon(clusterName=name, addonName=addon)["addon"]["status"])
    except Exception as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise


def _connects(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    if parts.hostname is None:
        return False
    try:
        with socket.create_connection((parts.hostname, parts.port or 443), timeout=_CONNECT_SECONDS):
            return True
    except OSError:
        return False
