"""Signatures that botocore makes hold; with anything changed they do not."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from libs.sandbox.aws import signatures

KEYS = Credentials("AKIAEXAMPLE", "the-secret", "the-token")


def signed_by_header(service: str, url: str, body: bytes = b"") -> AWSRequest:
    request = AWSRequest(method="PUT", url=url, data=body, headers={"Host": urlsplit(url).netloc, "X-Custom": "a  b"})
    if service == "s3":
        request.context["client_config"] = None
    (S3SigV4Auth if service == "s3" else SigV4Auth)(KEYS, service, "eu-central-1").add_auth(request)
    return request


def holds(request: AWSRequest, body: bytes | None, secret: str = "the-secret", **changed: str) -> bool:
    url = urlsplit(changed.get("url", request.url))
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    signed = signatures.read(headers, url.query)
    assert signed is not None
    return signatures.holds(signed, secret, changed.get("method", request.method), url.path, url.query, headers, body)


URLS = [
    "http://127.0.0.1:4566/",
    "http://127.0.0.1:4566/clusters/alpha?maxResults=5&nextToken=a%2Bb",
    "http://127.0.0.1:4566/tags/arn%3Aaws%3Aeks%3Aeu-central-1%3A111111111111%3Acluster%2Falpha",
]


@pytest.mark.parametrize("url", URLS)
def test_a_header_signature_holds(url: str) -> None:
    request = signed_by_header("eks", url, b'{"name": "alpha"}')
    assert holds(request, b'{"name": "alpha"}')
    assert not holds(request, b'{"name": "beta"}')
    assert not holds(request, b'{"name": "alpha"}', secret="another")
    assert not holds(request, b'{"name": "alpha"}', method="POST")
    assert not holds(request, b'{"name": "alpha"}', url=url + ("&" if "?" in url else "?") + "more=1")


def test_an_s3_path_is_encoded_once() -> None:
    request = signed_by_header("s3", "http://127.0.0.1:4566/bucket/a%20b/%C3%BC%2Bc.txt", b"content")
    assert holds(request, b"content")
    assert not holds(request, b"other content")


def test_what_the_header_says_is_read() -> None:
    request = signed_by_header("eks", URLS[0])
    signed = signatures.read({name.lower(): value for name, value in request.headers.items()}, "")
    assert signed is not None
    assert (signed.access_key_id, signed.service, signed.region) == ("AKIAEXAMPLE", "eks", "eu-central-1")
    assert signed.session_token == "the-token"
    assert not signed.presigned


def presigned(service: str, url: str, expires: int = 60) -> AWSRequest:
    request = AWSRequest(method="GET", url=url, headers={"x-k8s-aws-id": "alpha"})
    auth = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
    auth(KEYS, service, "eu-central-1", expires=expires).add_auth(request)
    return request


def test_a_presigned_url_holds_for_its_headers_alone() -> None:
    request = presigned("sts", "http://127.0.0.1:4566/?Action=GetCallerIdentity&Version=2011-06-15")
    url = urlsplit(request.url)
    signed = signatures.read({}, url.query)
    assert signed is not None
    headers = {"host": url.netloc, "x-k8s-aws-id": "alpha"}
    assert signatures.holds(signed, "the-secret", "GET", "/", url.query, headers, b"")
    assert not signatures.holds(signed, "the-secret", "GET", "/", url.query, headers | {"x-k8s-aws-id": "b"}, b"")
    assert not signatures.holds(signed, "the-secret", "GET", "/", url.query, headers | {"host": "elsewhere"}, b"")


def test_a_presigned_url_expires() -> None:
    request = presigned("s3", "http://127.0.0.1:4566/bucket/key", expires=60)
    signed = signatures.read({}, urlsplit(request.url).query)
    assert signed is not None
    assert not signed.expired()
    assert signed.expired(datetime.now(UTC) + timedelta(seconds=61))


@pytest.mark.parametrize("header", ["", "Basic abc", "AWS4-HMAC-SHA256 Credential=only-a-key"])
def test_what_is_no_signature_is_none(header: str) -> None:
    assert signatures.read({"authorization": header, "x-amz-date": "20261124T000000Z"}, "") is None
