"""The `IdentityLookup` port: who presigned a cluster's token, and which Kubernetes user that is."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from libs.sandbox.aws import callers, signatures
from libs.sandbox.aws.eks.access_entries import CLUSTER_ADMIN_POLICY, lets_in
from libs.sandbox.aws.eks.control_planes import CallerIdentity, KubernetesIdentity
from libs.sandbox.aws.eks.models import Cluster, find_cluster
from libs.sandbox.aws.runtime import Runtime

_CLUSTER_HEADER = "x-k8s-aws-id"
_MASTERS = "system:masters"


class EksIdentityLookup:
    """Looks into IAM, STS and EKS in this process, under the sandbox's lock."""

    def __init__(self, running: Runtime) -> None:
        self._runtime = running

    def identify(self, token_url: str, cluster_name: str) -> CallerIdentity | None:
        """See `IdentityLookup.identify`."""
        url = urlsplit(token_url)
        if parse_qs(url.query).get("Action") != ["GetCallerIdentity"]:
            return None
        signed = signatures.read({}, url.query)
        # The URL's own life does not count: EKS ignores it, and whoever reads the token counts fifteen minutes.
        if signed is None or signed.service != "sts":
            return None
        if _CLUSTER_HEADER not in signed.signed_headers:
            return None
        with self._runtime.lock:
            caller = callers.find(signed.access_key_id)
        if caller is None or caller.expired or caller.session_token != signed.session_token:
            return None
        headers = {"host": url.netloc, _CLUSTER_HEADER: cluster_name}
        path = url.path or "/"
        if not signatures.holds(signed, caller.secret_access_key, "GET", path, url.query, headers, b""):
            return None
        return caller.identity

    def kubernetes_identity(self, cluster_arn: str, principal_arn: str) -> KubernetesIdentity | None:
        """See `IdentityLookup.kubernetes_identity`."""
        with self._runtime.lock:
            cluster = find_cluster(cluster_arn)
            if cluster is None:
                return None
            return _of_entry(cluster, principal_arn) or _of_creator(cluster, principal_arn)


def _of_entry(cluster: Cluster, caller_arn: str) -> KubernetesIdentity | None:
    if not cluster.has_access_entries:
        return None
    for principal_arn, view in cluster.access_entries.items():
        if _is_principal(caller_arn, principal_arn) and lets_in(cluster, principal_arn):
            groups = list(view["kubernetesGroups"])
            policy = cluster.access_policies.get(principal_arn, {}).get(CLUSTER_ADMIN_POLICY)
            if policy and policy["accessScope"]["type"] == "cluster":
                groups.append(_MASTERS)
            session = caller_arn.rsplit("/", 1)[-1]
            username = view["username"].replace("{{SessionName}}", session)
            return KubernetesIdentity(username, tuple(groups))
    return None


def _of_creator(cluster: Cluster, caller_arn: str) -> KubernetesIdentity | None:
    # Where the aws-auth map alone counts, the creator is an administrator that no list shows.
    if cluster.has_access_entries or not cluster.creator_is_admin:
        return None
    if _is_principal(caller_arn, cluster.creator_arn):
        return KubernetesIdentity("kubernetes-admin", (_MASTERS,))
    return None


def _is_principal(caller_arn: str, principal_arn: str) -> bool:
    """Whether the caller is the principal; a role's path is not part of its sessions' ARNs."""
    if caller_arn == principal_arn:
        return True
    _, _, _, _, caller_account, resource = caller_arn.split(":", 5)
    if not resource.startswith("assumed-role/") or ":role/" not in principal_arn:
        return False
    account_id = principal_arn.split(":")[4]
    return account_id == caller_account and principal_arn.rsplit("/", 1)[-1] == resource.split("/")[1]
