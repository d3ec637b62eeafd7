"""The front door: every request is known, signed and counted before moto sees it.

moto trusts whoever calls: any access key is an account's root, a presigned URL without an Authorization
header goes to S3, and two requests may change one dictionary at once. AWS refuses unknown keys and wrong
signatures, and knows the service of a presigned URL by its credential's scope. That is done here.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from libs.sandbox.aws import callers, errors, signatures
from libs.sandbox.aws.actions import action_of
from libs.sandbox.aws.admin import AdminApi
from libs.sandbox.aws.faults import Faults
from libs.sandbox.aws.recorder import Calls
from libs.sandbox.aws.runtime import Runtime

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Application = Callable[[Environ, Any], Iterable[bytes]]

CALLER = "sandbox.caller"
"""Key of the WSGI environment under which a backend finds the `Caller`."""


class Gateway:
    """WSGI application in front of moto's."""

    def __init__(
        self,
        runtime: Runtime,
        moto: Application,
        admin: AdminApi,
        faults: Faults,
        calls: Calls,
        health: dict[str, str],
    ) -> None:
        self._health = health
        self._runtime = runtime
        self._moto = moto
        self._admin = admin
        self._faults = faults
        self._calls = calls

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path == "/health":
            return _send(start_response, _json(200, {"status": "ok", **self._health}))
        body = _take_body(environ)
        if path.startswith("/sandbox/"):
            return _send(start_response, self._administer(environ["REQUEST_METHOD"], path, body or b""))
        with self._runtime.lock:
            refusal = self._admit(environ, body)
            if refusal is not None:
                return _send(start_response, refusal)
            try:
                return self._moto(environ, start_response)
            except NotImplementedError as error:
                service = environ.get("sandbox.service", "")
                log.warning("%s: %s", service, error)
                return _send(start_response, errors.render(service, "NotImplemented", str(error), 501))
            except Exception as error:
                service = environ.get("sandbox.service", "")
                log.exception("%s failed", action_of(service, environ, body or b""))
                return _send(start_response, errors.render(service, "InternalFailure", repr(error), 500))

    def _administer(self, method: str, path: str, body: bytes) -> Answer:
        with self._runtime.lock:
            try:
                return _json(*self._admin.answer(method, path, body))
            except Exception as error:
                log.exception("%s %s failed", method, path)
                return _json(500, {"error": f"The sandbox failed: {error!r}; its log has more."})

    def _admit(self, environ: Environ, body: bytes | None) -> Answer | None:
        """None when the request may go to its service, else the answer that refuses it."""
        headers = _headers(environ)
        query = environ.get("QUERY_STRING", "")
        signed = signatures.read(headers, query)
        if signed is None:
            is_query = bool(parse_qs(query).get("Action")) or _is_form(environ)
            return errors.unsigned("sts" if is_query else "s3")
        environ["sandbox.service"] = signed.service
        caller = callers.find(signed.access_key_id)
        if caller is None or caller.session_token != signed.session_token:
            return errors.unknown_key(signed.service)
        if caller.expired or signed.expired():
            return errors.expired_token(signed.service)
        raw_path = str(environ.get("RAW_URI") or environ.get("PATH_INFO", "/")).split("?", 1)[0]
        method = environ["REQUEST_METHOD"]
        if not signatures.holds(signed, caller.secret_access_key, method, raw_path, query, headers, body):
            return errors.bad_signature(signed.service)
        environ[CALLER] = caller
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account_id
        if signed.presigned and signed.service != "s3":
            # moto routes and reads the key by this header alone.
            environ["HTTP_AUTHORIZATION"] = (
                f"AWS4-HMAC-SHA256 Credential={signed.access_key_id}/{signed.scope}, "
                f"SignedHeaders={';'.join(signed.signed_headers)}, Signature={signed.signature}"
            )
        self._calls.record(caller, signed.service, signed.region, environ, body or b"")
        return self._fault(signed.service, environ, body or b"")

    def _fault(self, service: str, environ: Environ, body: bytes) -> Answer | None:
        if not self._faults.expected_for(service):
            return None
        action = action_of(service, environ, body)
        fault = self._faults.take(service, action) if action else None
        return errors.render(service, fault.code, fault.message, fault.status) if fault else None


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = str(environ[name])
    return headers


def _is_form(environ: Environ) -> bool:
    return str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded")


def _take_body(environ: Environ) -> bytes | None:
    """Read the body before the lock is taken, so that a slow client holds nobody up. None: sent in chunks."""
    if environ.get("wsgi.input_terminated"):
        return None
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _json(status: int, body: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def _send(start_response: Any, answer: Answer) -> Iterable[bytes]:
    status, headers, body = answer
    line = f"{status} {HTTPStatus(status).phrase}"
    start_response(line, [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]
