"""The cluster's identity provider in IAM, by which pods assume roles (IRSA).

Made, or looked up where the customer's cluster has one already: IAM holds one a cluster, and theirs stays theirs.
"""

from dataclasses import dataclass
from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import Resource, aws, create

provider = aws("iam_openid_connect_provider")
existing_provider = aws("data_aws_iam_openid_connect_provider")


@dataclass(frozen=True)
class Oidc:
    """`issuer` is without its scheme, as IAM's conditions name it."""

    arn: str
    issuer: str


def build_oidc(stack: Any, inputs: Inputs, cluster: Resource, *, make: bool = True) -> Oidc:
    url = cluster.ref("identity[0].oidc[0].issuer")
    if make:
        found = create(stack, provider.IamOpenidConnectProvider, "oidc", url=url, client_id_list=["sts.amazonaws.com"])
    else:
        found = create(stack, existing_provider.DataAwsIamOpenidConnectProvider, "oidc", url=url)
    reference = f"{cluster.address}.identity[0].oidc[0].issuer"
    return Oidc(found.ref("arn"), inputs.local("cluster_issuer", f'trimprefix({reference}, "https://")'))
