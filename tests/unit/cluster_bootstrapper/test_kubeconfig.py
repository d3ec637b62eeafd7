from __future__ import annotations

import asyncio
import base64
import time
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from libs.failures import Failure
from services.cluster_bootstrapper.cluster import cluster, kubeconfig
from services.cluster_bootstrapper.kubeconfig import (
    TOKEN_PREFIX,
    TOKEN_SECONDS,
    EksToken,
    TokenCache,
    eks_token,
    sts_token_endpoint,
)

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CA_DATA = base64.b64encode(PEM.encode()).decode()


def session(token: str = "session-token") -> boto3.Session:
    return boto3.Session(
        aws_access_key_id="ASIAEXAMPLE",
        aws_secret_access_key="secret",
        aws_session_token=token,
        region_name="eu-west-1",
    )


def url_in(token: str) -> str:
    assert token.startswith(TOKEN_PREFIX)
    encoded = token.removeprefix(TOKEN_PREFIX)
    assert "=" not in encoded
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()


def test_the_token_is_a_presigned_identity_question_bound_to_the_cluster() -> None:
    made = eks_token(session(), "beta9-prod", "eu-west-1", "https://sts.eu-west-1.amazonaws.com")
    url = urlsplit(url_in(made.value))
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    assert (url.scheme, url.netloc, url.path) == ("https", "sts.eu-west-1.amazonaws.com", "/")
    assert query["Action"] == "GetCallerIdentity"
    assert query["Version"] == "2011-06-15"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert query["X-Amz-Credential"].startswith("ASIAEXAMPLE/")
    assert query["X-Amz-Credential"].endswith("/eu-west-1/sts/aws4_request")
    assert query["X-Amz-Security-Token"] == "session-token"
    assert 0 < int(query["X-Amz-Expires"]) <= 900
    assert set(query) == {
        "Action",
        "Version",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }


def test_another_cluster_has_another_signature() -> None:
    endpoint = "https://sts.eu-west-1.amazonaws.com"
    signatures = {
        parse_qs(urlsplit(url_in(eks_token(session(), name, "eu-west-1", endpoint).value)).query)["X-Amz-Signature"][0]
        for name in ("one", "two")
    }
    assert len(signatures) == 2


def test_the_token_is_used_for_fourteen_minutes() -> None:
    made = eks_token(session(), "c", "eu-west-1", "https://sts.eu-west-1.amazonaws.com")
    assert TOKEN_SECONDS == 14 * 60
    assert TOKEN_SECONDS - 5 < made.expires_at - time.time() <= TOKEN_SECONDS
    assert "k8s-aws" not in repr(made)


@pytest.mark.parametrize(
    ("environment", "region", "endpoint"),
    [
        ({}, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
        ({}, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}, "eu-west-1", "http://127.0.0.1:5000"),
        (
            {"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_STS": "http://b:2"},
            "eu-west-1",
            "http://b:2",
        ),
        (
            {"AWS_ENDPOINT_URL_STS": "http://b:2", "PROVISIONING_STS_TOKEN_ENDPOINT": "sts.example.com"},
            "eu-west-1",
            "https://sts.example.com",
        ),
    ],
)
def test_where_the_authenticator_will_ask(environment: dict[str, str], region: str, endpoint: str) -> None:
    assert sts_token_endpoint(environment, region) == endpoint


async def test_a_token_is_kept_until_it_is_nearly_over() -> None:
    made: list[float] = []
    lifetimes = iter([30.0, 600.0, 600.0])

    def make() -> EksToken:
        ends = time.time() + next(lifetimes)
        made.append(ends)
        return EksToken(f"token-{len(made)}", ends)

    tokens = TokenCache(make, spare_seconds=60)
    assert await tokens() == "token-1"
    assert await tokens() == "token-2"  # 30 s were fewer than the spare
    assert list(await asyncio.gather(tokens(), tokens())) == ["token-2", "token-2"]
    assert await tokens.fresh() == "token-3"


def test_the_kubeconfig_names_the_cluster_and_carries_the_token() -> None:
    target = cluster("beta9-prod", "eu-west-1", "https://ABC.gr7.eu-west-1.eks.amazonaws.com", CA_DATA)
    document = kubeconfig(target, "k8s-aws-v1.x")
    assert document["clusters"][0]["cluster"] == {
        "server": "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
        "certificate-authority-data": CA_DATA,
    }
    assert document["users"][0]["user"] == {"token": "k8s-aws-v1.x"}
    assert document["current-context"] == "beta9-prod"
    assert (target.host, target.port) == ("abc.gr7.eu-west-1.eks.amazonaws.com", 443)


@pytest.mark.parametrize(
    ("endpoint", "ca_data"),
    [("http://x", CA_DATA), ("", CA_DATA), ("https://x", "%%%"), ("https://x", "aGVsbG8=")],
)
def test_outputs_that_cannot_be_used_are_told(endpoint: str, ca_data: str) -> None:
    with pytest.raises(Failure, match="CLUSTER_UNUSABLE"):
        cluster("c", "eu-west-1", endpoint, ca_data)
