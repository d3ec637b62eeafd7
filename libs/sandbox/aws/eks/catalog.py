"""Cluster versions and tags: what is asked across clusters."""

from __future__ import annotations

from moto.core.utils import utcnow

from libs.sandbox.aws.eks.failures import ResourceNotFound
from libs.sandbox.aws.eks.models import View
from libs.sandbox.aws.eks.releases import DEFAULT_VERSION, RELEASES, KubernetesRelease
from libs.sandbox.aws.eks.requests import EksRequest, Operation


def describe_versions(request: EksRequest) -> View:
    """DescribeClusterVersions, newest first; those out of all support only with includeAll."""
    wanted = request.get("clusterVersions")
    found = []
    for release in reversed(RELEASES.values()):
        view = _describe(release)
        if wanted and release.version not in wanted:
            continue
        if not wanted and not request.get("includeAll") and view["status"] == "unsupported":
            continue
        if str(request.get("defaultOnly", "")).lower() == "true" and not view["defaultVersion"]:
            continue
        if request.get("status", view["status"]).lower() != view["status"]:
            continue
        if request.get("versionStatus", view["versionStatus"]) != view["versionStatus"]:
            continue
        found.append(view)
    return request.page("clusterVersions", found)


def _describe(release: KubernetesRelease) -> View:
    now = utcnow()
    if now < release.end_of_standard:
        status = "standard-support"
    elif now < release.end_of_extended:
        status = "extended-support"
    else:
        status = "unsupported"
    return {
        "clusterVersion": release.version,
        "clusterType": "eks",
        "defaultPlatformVersion": f"eks.{release.platform}",
        "defaultVersion": release.version == DEFAULT_VERSION,
        "releaseDate": release.released,
        "endOfStandardSupportDate": release.end_of_standard,
        "endOfExtendedSupportDate": release.end_of_extended,
        "status": status,
        "versionStatus": status.upper().replace("-", "_"),
        "kubernetesPatchVersion": release.patch,
    }


def _tags(request: EksRequest) -> dict[str, str]:
    arn = request.get("resourceArn")
    found = request.backend.tagged().get(arn)
    if found is None:
        raise ResourceNotFound(f"No resource found for ARN: {arn}")
    tags: dict[str, str] = found["tags"]
    return tags


def tag(request: EksRequest) -> View:
    """TagResource."""
    _tags(request).update(request.get("tags", {}))
    return {}


def untag(request: EksRequest) -> View:
    """UntagResource."""
    tags = _tags(request)
    for key in request.get("tagKeys", []):
        tags.pop(key, None)
    return {}


def list_tags(request: EksRequest) -> View:
    """ListTagsForResource."""
    return {"tags": _tags(request)}


OPERATIONS: dict[str, Operation] = {
    "DescribeClusterVersions": describe_versions,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
