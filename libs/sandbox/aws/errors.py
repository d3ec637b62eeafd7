"""Errors that are not one backend's: written in the shape of the service's own protocol."""

from __future__ import annotations

import json
from uuid import uuid4
from xml.sax.saxutils import escape

QUERY_SERVICES = frozenset(
    {"iam", "sts", "rds", "elasticache", "elasticloadbalancing", "autoscaling", "cloudformation", "sns"}
)
"""Signing names of the services that speak the query protocol."""

_INVALID_KEY = {
    "ec2": ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
    "s3": ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
}
_INVALID_TOKEN_TEXT = "The security token included in the request is invalid."


def render(service: str, code: str, message: str, status: int) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an error as the service (a signing name) would answer it."""
    request_id = str(uuid4())
    headers = {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}
    code_xml, message_xml = escape(code), escape(message)
    if service == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{code_xml}</Code><Message>{message_xml}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif service == "s3":
        headers["x-amz-request-id"] = request_id
        body = (
            f"<Error><Code>{code_xml}</Code><Message>{message_xml}</Message>"
            f"<RequestId>{request_id}</RequestId><HostId>sandbox</HostId></Error>"
        )
    elif service in QUERY_SERVICES:
        side = "Sender" if status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{side}</Type><Code>{code_xml}</Code><Message>{message_xml}</Message>"
            f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        headers["Content-Type"] = "application/json"
        headers["x-amzn-ErrorType"] = code
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    return status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode()


def unknown_key(service: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to an access key (or session token) that AWS does not know."""
    if service in _INVALID_KEY:
        code, status, message = _INVALID_KEY[service]
    elif service in QUERY_SERVICES:
        code, status, message = "InvalidClientTokenId", 403, _INVALID_TOKEN_TEXT
    else:
        code, status, message = "UnrecognizedClientException", 403, _INVALID_TOKEN_TEXT
    return render(service, code, message, status)


def expired_token(service: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to temporary credentials past their time."""
    known = service in QUERY_SERVICES or service in _INVALID_KEY
    code = "ExpiredToken" if known else "ExpiredTokenException"
    return render(service, code, "The security token included in the request is expired", 403)


def unsigned(service: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to a request without credentials."""
    if service == "s3":
        return render("s3", "AccessDenied", "Access Denied", 403)
    return render(service, "MissingAuthenticationToken", "Request is missing Authentication Token", 403)


def bad_signature(service: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to a signature that the secret key does not make."""
    code = "SignatureDoesNotMatch"
    if service not in QUERY_SERVICES and service not in _INVALID_KEY:
        code = "InvalidSignatureException"
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )
    return render(service, code, message, 403)
