"""What a step works with in a customer's account and cluster, opened from the request that asked for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import Message
from provisioning.bootstrap.v1.events_pb2 import BootstrapRequested, DrainRequested

from libs.aws_access import AwsAccess
from libs.aws_access.messages import access_of
from libs.aws_access.sessions import session_for
from libs.stages import StepContext
from services.cluster_bootstrapper.cluster import cluster
from services.cluster_bootstrapper.document import is_private
from services.cluster_bootstrapper.helm import HelmCli, helm_cli
from services.cluster_bootstrapper.kube_api import KubeApi
from services.cluster_bootstrapper.kubeconfig import TokenCache, eks_token, sts_token_endpoint
from services.cluster_bootstrapper.outputs import cluster_outputs
from services.cluster_bootstrapper.ports import Log
from services.cluster_bootstrapper.reach import prove_private_reach
from services.cluster_bootstrapper.secrets_manager import SecretsManager

if TYPE_CHECKING:
    import boto3


@dataclass(frozen=True, slots=True)
class Connection:
    """A customer's account and cluster; `outputs` are those of the request, by name."""

    access: AwsAccess
    session: boto3.Session
    outputs: dict[str, object]
    kube: KubeApi
    helm: HelmCli
    secrets: SecretsManager


@asynccontextmanager
async def connected(context: StepContext, helm_program: str) -> AsyncIterator[Connection]:
    """Assumes the customer's role and reaches the cluster with its identity.

    Raises Failure, `PRIVATE_ENDPOINT_UNREACHABLE` after a minute for an endpoint that is private and far away.
    """
    request = context.request
    assert isinstance(request, BootstrapRequested | DrainRequested)
    access = access_of(request.access)
    outputs = outputs_by_name(request.outputs)
    session = await asyncio.to_thread(session_for, access, context.attempt.id)
    known = cluster_outputs(outputs, access.region)
    target = cluster(
        known.cluster_name, access.region, known.cluster_endpoint, known.cluster_certificate_authority_data
    )
    endpoint = sts_token_endpoint(os.environ, access.region)
    tokens = TokenCache(lambda: eks_token(session, target.name, access.region, endpoint))
    tags = {"ManagedBy": "beta9-provisioning", "EnvironmentId": context.attempt.uid}
    kube = KubeApi(target, tokens)
    if is_private(request.spec):
        await prove_private_reach(kube, target, known.vpc_id)
    async with helm_cli(target, tokens.fresh, helm_program) as helm:
        yield Connection(access, session, outputs, kube, helm, SecretsManager(session, access, tags))


def outputs_by_name(outputs: Message) -> dict[str, object]:
    """A message's fields by name, those that are set."""
    return {field.name: value for field, value in outputs.ListFields()}


def log_of(context: StepContext) -> Log:
    """The attempt's log as the steps' functions want it."""

    async def log(line: str) -> None:
        context.log(line)

    return log
