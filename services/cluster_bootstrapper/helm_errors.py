"""What Helm's last words mean. Standard library only."""

from __future__ import annotations

import re

from libs.failures import Actor, Failure, Kind
from services.cluster_bootstrapper.charts import chart_not_found

_CHART_NOT_FOUND = re.compile(
    r"path \".*\" not found"
    r"|chart \".*\" (matching .* )?(version \".*\" )?not found"
    r"|no chart (version|name) found"
    r"|failed to (download|fetch).*(not found|404)"
    r"|: not found$"
    r"|(manifest|name) unknown"
    r"|repo(sitory)? .* not found",
    re.IGNORECASE | re.MULTILINE,
)
_SOURCE_UNREACHABLE = re.compile(
    r"(looks like .* is not a valid chart repository|failed to do request|failed to (fetch|download)).*"
    r"|dial tcp\b.*(lookup|i/o timeout|connection refused)",
    re.IGNORECASE,
)
_SCHEMA_UNREACHABLE = re.compile(r"failing loading .*(dial tcp|HTTP request failed)", re.IGNORECASE)
_CLUSTER_UNREACHABLE = re.compile(r"kubernetes cluster unreachable", re.IGNORECASE)
_VALUES = re.compile(r"meet the specifications of the schema|error converting YAML|execution error at", re.I)
_BUSY = re.compile(r"another operation \(install/upgrade/rollback\) is in progress", re.IGNORECASE)
_NOT_READY = re.compile(r"deadline exceeded|timed out|not ready|resource .* failed", re.IGNORECASE)
_LONGEST = 400


def helm_failure(doing: str, release: str, chart: str, stderr: str) -> Failure:
    """The failure for a Helm command that did not end well; `stderr` has been freed of secrets already."""
    said = _last_error(stderr)
    metadata = {"release": release, "helm_error": said}
    address = f"helm/{release}"
    if _CLUSTER_UNREACHABLE.search(stderr):
        return Failure(
            reason="CLUSTER_UNREACHABLE",
            message=f"Helm could not {doing} {release}: the Kubernetes API does not answer.",
            kind=Kind.UNAVAILABLE,
            retryable=True,
            actor=Actor.PLATFORM,
            remedy="Check that this service can reach the cluster's endpoint; it is tried again.",
            resource_address=address,
            metadata=metadata,
        )
    if chart and _CHART_NOT_FOUND.search(stderr) and not _NOT_READY.search(said):
        return chart_not_found(release, chart, private=said)
    if _BUSY.search(stderr):
        return Failure(
            reason="RELEASE_BUSY",
            message=f"Another Helm operation is in progress on release {release}.",
            kind=Kind.ABORTED,
            retryable=True,
            actor=Actor.NOBODY,
            remedy="It is tried again; an operation that was cut off is recovered then.",
            resource_address=address,
            metadata=metadata,
        )
    if _VALUES.search(stderr) and not _SCHEMA_UNREACHABLE.search(stderr):
        return Failure(
            reason="CHART_VALUES_REJECTED",
            message=f"The chart of release {release} does not accept its values: {said}",
            kind=Kind.FAILED_PRECONDITION,
            actor=Actor.PLATFORM,
            remedy="The chart's version and this platform's values do not fit: change the version's pin.",
            resource_address=address,
            metadata=metadata,
        )
    if _NOT_READY.search(said):
        return Failure(
            reason="CHART_NOT_READY",
            message=f"Release {release} did not become ready in time: {said}",
            kind=Kind.DEADLINE_EXCEEDED,
            retryable=True,
            actor=Actor.PLATFORM,
            remedy="Look at the pods that the message names (image, resources, events), then retry.",
            resource_address=address,
            metadata=metadata,
        )
    if chart and _SOURCE_UNREACHABLE.search(stderr):
        return Failure(
            reason="CHART_SOURCE_UNREACHABLE",
            message=f"The source of the chart {chart} does not answer.",
            kind=Kind.UNAVAILABLE,
            retryable=True,
            actor=Actor.PLATFORM,
            remedy="Let the bootstrapper's worker reach the chart's source, or set a folder of charts.",
            resource_address=address,
            metadata=metadata,
        )
    return Failure(
        reason="HELM_FAILED",
        message=f"Helm could not {doing} {release}: {said}",
        retryable=True,
        actor=Actor.PLATFORM,
        remedy="See the attempt's log for all that Helm said, mend the cause, then retry.",
        resource_address=address,
        metadata=metadata,
    )


def _last_error(stderr: str) -> str:
    """From the last line that begins with `Error:` to the end, on one line and not too long."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if line.startswith("Error:")]
    text = " ".join(lines[starts[-1] if starts else -1 :]).removeprefix("Error:").strip()
    return text[:_LONGEST] or "it said nothing"
