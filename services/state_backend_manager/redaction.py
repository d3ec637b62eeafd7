"""A state without its secrets, for those who may read what was built and not what is kept secret."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

REDACTED = "(redacted)"
# A shorter secret would be found within what is none.
_SHORTEST_SOUGHT = 8
# Attributes that hold secrets by their name. Those of references, such as `password_arn`, end otherwise.
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|secret_string|secret_binary|token|private_key|user_data"
    r"|connection_string|credentials)(?:_wo|_pem|_base64|_v4|_openssh|_pkcs8)?$"
)
# Attributes that hold secrets under a name that does not say so, by the resource's type.
_SECRET_ATTRIBUTES = {
    "aws_iam_access_key": {"encrypted_secret", "encrypted_ses_smtp_password_v4"},
    "aws_ssm_parameter": {"value", "insecure_value"},
    "random_password": {"result", "bcrypt_hash"},
}


def redact(document: dict[str, Any], mark: Callable[[object], str] = lambda _: REDACTED) -> dict[str, Any]:
    """A copy of a state in which every secret is what `mark` answers for it.

    Secrets are sensitive outputs, what Terraform calls sensitive in resources, what is one by its attribute's name,
    what providers keep for themselves, and whatever else holds one of these within.
    """
    copy: dict[str, Any] = json.loads(json.dumps(document))
    found: set[str] = set()

    def hide(value: object) -> str:
        found.update(text for text in _texts(value) if len(text) >= _SHORTEST_SOUGHT)
        return mark(value)

    for output in copy.get("outputs", {}).values():
        if output.get("sensitive") and output.get("value") is not None:
            output["value"] = hide(output["value"])
    for resource in copy.get("resources", []):
        named = _SECRET_ATTRIBUTES.get(str(resource.get("type")), set())
        for instance in resource.get("instances", []):
            _hide_in(instance, named, hide)
    # The longest first, since one may be within another.
    swept: dict[str, Any] = _sweep(copy, sorted(found, key=len, reverse=True), mark)
    return swept


def _hide_in(instance: dict[str, Any], named: set[str], hide: Callable[[object], str]) -> None:
    attributes = instance.get("attributes") or {}
    for path in instance.get("sensitive_attributes", []):
        _hide_path(attributes, [_step(one) for one in path], hide)
    _hide_names(attributes, named, hide)
    for name in ("private", "identity_private"):
        if instance.get(name):
            # Base64 of whatever the provider wants to remember: not for readers, nor worth a search.
            instance[name] = REDACTED


def _step(step: Any) -> Any:
    """A step of a path: an attribute's name, or an index, which is given with its type."""
    value = step.get("value") if isinstance(step, dict) else step
    return value.get("value") if isinstance(value, dict) else value


def _hide_path(node: Any, path: list[Any], hide: Callable[[object], str]) -> None:
    """What cannot be walked to, such as an element of a set, is hidden with all that is around it."""
    *steps, last = path or [None]
    for step in steps:
        if not _has(node, step):
            return
        if not isinstance(node[step], dict | list):
            last = step
            break
        node = node[step]
    if _has(node, last):
        if node[last] is not None:
            node[last] = hide(node[last])
    elif isinstance(node, list):
        node[:] = [hide(one) for one in node]


def _has(node: Any, step: Any) -> bool:
    if isinstance(node, dict):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node)


def _hide_names(node: Any, named: set[str], hide: Callable[[object], str]) -> None:
    if isinstance(node, list):
        for one in node:
            _hide_names(one, set(), hide)
    elif isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, str) and value and (name in named or _SECRET_NAME.search(name)):
                node[name] = hide(value)
            else:
                _hide_names(value, set(), hide)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _sweep(node: Any, secrets: list[str], mark: Callable[[object], str]) -> Any:
    if isinstance(node, str):
        for secret in secrets:
            if secret in node and not node.startswith(REDACTED):
                node = node.replace(secret, mark(secret))
        return node
    if isinstance(node, dict):
        return {name: _sweep(value, secrets, mark) for name, value in node.items()}
    return [_sweep(one, secrets, mark) for one in node] if isinstance(node, list) else node
