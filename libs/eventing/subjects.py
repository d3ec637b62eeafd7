"""Streams and subjects. Outsiders need `provisioning.v1.*.*.environment.>` alone."""

import re

EVENTS_STREAM = "PROVISIONING"
REQUESTS_STREAM = "PROVISIONING_REQUESTS"
EVENTS_PREFIX = "provisioning.v1"
REQUESTS_PREFIX = "provisioning.requests.v1"

_ENVIRONMENT_NAME = re.compile(r"workspaces/([a-z0-9-]+)/environments/([a-z0-9-]+)")


def tokens(environment: str) -> tuple[str, str]:
    """Workspace and environment id of `workspaces/{w}/environments/{e}`; both are legal subject tokens."""
    match = _ENVIRONMENT_NAME.fullmatch(environment)
    if match is None:
        raise ValueError(f"not an environment's resource name: {environment!r}")
    return match[1], match[2]


def event_subject(environment: str, area: str, event: str) -> str:
    workspace, name = tokens(environment)
    return f"{EVENTS_PREFIX}.{workspace}.{name}.{area}.{event}"


def request_subject(environment: str, stage: str, request: str) -> str:
    workspace, name = tokens(environment)
    return f"{REQUESTS_PREFIX}.{workspace}.{name}.{stage}.{request}"
