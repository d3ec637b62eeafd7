"""What of an EKS token is checked before STS is asked."""

from __future__ import annotations

import base64
import datetime
from urllib.parse import urlencode

import pytest

from libs.sandbox.kubernetes.token import TokenRefused, presigned_url

_NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)
_HOSTS = frozenset({"127.0.0.1:4566"})


def _url(host="sts.us-east-1.amazonaws.com", path="/", drop=(), **changes):
    query = {
        "Action": "GetCallerIdentity",
        "Version": "2011-06-15",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIA/20261124/us-east-1/sts/aws4_request",
        "X-Amz-Date": "20261124T115900Z",
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
        "X-Amz-Signature": "abc",
    } | {key.replace("_", "-"): value for key, value in changes.items()}
    return f"https://{host}{path}?" + urlencode({k: v for k, v in query.items() if k not in drop})


def _token(url):
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_a_good_token_gives_its_url():
    for host in ("sts.us-east-1.amazonaws.com", "sts.amazonaws.com", "127.0.0.1:4566"):
        assert presigned_url(_token(_url(host)), _HOSTS, _NOW) == _url(host)


def test_it_lives_fifteen_minutes_whatever_its_url_says():
    url = _url(X_Amz_Date="20261124T114501Z", X_Amz_Expires="60")
    assert presigned_url(_token(url), _HOSTS, _NOW) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (_url(host="sts.us-east-1.amazonaws.com.evil.example"), "not an STS endpoint"),
        (_url(host="evil.example"), "not an STS endpoint"),
        (_url(host="user@sts.amazonaws.com"), "not an STS endpoint"),
        (_url(host="127.0.0.1:1"), "not an STS endpoint"),
        (_url(path="/bucket"), "path"),
        (_url(Action="GetSessionToken"), "GetCallerIdentity"),
        (_url(drop=("Action",)), "GetCallerIdentity"),
        (_url(X_Amz_SignedHeaders="host"), "x-k8s-aws-id"),
        (_url(X_Amz_SignedHeaders="host;x-k8s-aws-id-not"), "x-k8s-aws-id"),
        (_url(Redirect="x"), "redirect"),
        (_url() + "&Action=GetCallerIdentity", "more than once"),
        (_url(X_Amz_Date="20261124T114400Z"), "expired"),
        (_url(X_Amz_Date="20261124T121000Z"), "future"),
        (_url(X_Amz_Date="yesterday"), "cannot be read"),
        (_url(X_Amz_Expires="3600"), "900"),
        (_url(X_Amz_Expires="0"), "900"),
    ],
)
def test_any_other_is_refused_with_its_reason(url, reason):
    with pytest.raises(TokenRefused, match=reason):
        presigned_url(_token(url), _HOSTS, _NOW)


@pytest.mark.parametrize("token", ["", "k8s-aws-v1.", "k8s-aws-v1.!!!", "k8s-aws-v2.aGk", "k8s-aws-v1." + "A" * 5000])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(TokenRefused):
        presigned_url(token, _HOSTS, _NOW)
