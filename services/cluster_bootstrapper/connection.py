"""Puts together what reaches one cluster: its API and its token. botocore comes in with the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.cluster_bootstrapper.cluster import Cluster, cluster
from services.cluster_bootstrapper.kube_api import KubeApi
from services.cluster_bootstrapper.kubeconfig import TokenCache, eks_token, sts_token_endpoint
from services.cluster_bootstrapper.outputs import ClusterOutputs

if TYPE_CHECKING:
    import boto3


@dataclass(frozen=True)
class Connection:
    """A cluster, its API as a `Kube`, and tokens for whoever else has to reach it."""

    cluster: Cluster
    kube: KubeApi
    tokens: TokenCache


def connect(session: boto3.Session, outputs: ClusterOutputs, environment: Mapping[str, str]) -> Connection:
    """A connection that keeps itself authenticated for as long as the session does; nothing is called yet.

    `environment` is the process's, for the STS endpoint that goes into the tokens. Raises Failure
    `CLUSTER_UNUSABLE`.
    """
    target = cluster(
        outputs.cluster_name,
        outputs.region,
        outputs.cluster_endpoint,
        outputs.cluster_certificate_authority_data,
    )
    endpoint = sts_token_endpoint(environment, outputs.region)
    tokens = TokenCache(lambda: eks_token(session, target.name, target.region, endpoint))
    return Connection(target, KubeApi(target, tokens), tokens)
