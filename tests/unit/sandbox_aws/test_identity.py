"""Who signed a cluster's token, and which Kubernetes user that is."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.model import ServiceId
from botocore.signers import RequestSigner
from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from libs.sandbox.aws.eks import access_entries
from libs.sandbox.aws.eks.absent import AbsentControlPlanes
from libs.sandbox.aws.eks.control_planes import KubernetesIdentity
from libs.sandbox.aws.eks.identity import EksIdentityLookup
from libs.sandbox.aws.eks.models import Cluster, eks_backends
from libs.sandbox.aws.runtime import Runtime

ACCOUNT = "600000000001"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/deployer"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/run-1"


@pytest.fixture
def lookup() -> EksIdentityLookup:
    return EksIdentityLookup(Runtime(control_planes=AbsentControlPlanes()))


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster that knows access entries, made by somebody else."""
    backend = eks_backends[ACCOUNT]["us-east-1"]
    view = {"name": "alpha", "arn": backend.arn("cluster/alpha"), "accessConfig": {"authenticationMode": "API"}}
    made = Cluster(view=view, creator_arn=f"arn:aws:iam::{ACCOUNT}:user/maker")
    backend.clusters["alpha"] = made
    yield made
    backend.clusters.clear()


def token_url(
    key: str, secret: str, token: str | None, cluster: str = "alpha", action: str = "GetCallerIdentity"
) -> str:
    session = botocore.session.Session()
    session.set_credentials(key, secret, token)
    events = session.get_component("event_emitter")
    signer = RequestSigner(ServiceId("STS"), "us-east-1", "sts", "v4", session.get_credentials(), events)
    request = {
        "method": "GET",
        "url": f"https://sts.us-east-1.amazonaws.com/?Action={action}&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    return str(signer.generate_presigned_url(request, region_name="us-east-1", expires_in=60, operation_name=""))


def session_keys(duration: int = 3600) -> tuple[str, str, str]:
    backend = iam_backends[ACCOUNT]["aws"]
    if "deployer" not in {role.name for role in backend.roles.values()}:
        backend.create_role("deployer", json.dumps({"Statement": []}), "/teams/", None, "", [], "3600")
    made = sts_backends[ACCOUNT]["aws"].assume_role("us-east-1", "run-1", ROLE, "", duration, "")
    return made.access_key_id, made.secret_access_key, made.session_token


def test_a_roles_session_is_known(lookup: EksIdentityLookup) -> None:
    found = lookup.identify(token_url(*session_keys()), "alpha")
    assert found is not None
    assert (found.account_id, found.arn) == (ACCOUNT, SESSION)


def test_a_token_for_another_cluster_is_nobodys(lookup: EksIdentityLookup) -> None:
    assert lookup.identify(token_url(*session_keys()), "beta") is None


def test_what_does_not_hold_is_nobodys(lookup: EksIdentityLookup) -> None:
    key, secret, token = session_keys()
    assert lookup.identify(token_url(key, "wrong", token), "alpha") is None
    assert lookup.identify(token_url(key, secret, None), "alpha") is None
    assert lookup.identify(token_url("AKIAUNKNOWN000000000", secret, None), "alpha") is None
    assert lookup.identify(token_url(key, secret, token, action="GetSessionToken"), "alpha") is None
    assert lookup.identify("https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity", "alpha") is None


def test_an_expired_session_is_nobodys(lookup: EksIdentityLookup) -> None:
    key, secret, token = session_keys()
    sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key).expiration = utcnow()  # type: ignore[union-attr]
    assert lookup.identify(token_url(key, secret, token), "alpha") is None


def test_a_url_that_was_not_signed_for_a_cluster_is_nobodys(lookup: EksIdentityLookup) -> None:
    key, secret, token = session_keys()
    session = botocore.session.Session()
    session.set_credentials(key, secret, token)
    signer = RequestSigner(
        ServiceId("STS"), "us-east-1", "sts", "v4", session.get_credentials(), session.get_component("event_emitter")
    )
    url = "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = {"method": "GET", "url": url, "body": {}, "headers": {}, "context": {}}
    made = str(signer.generate_presigned_url(request, region_name="us-east-1", expires_in=60, operation_name=""))
    assert urlsplit(made).query
    assert lookup.identify(made, "alpha") is None


def test_a_session_has_its_roles_entry(lookup: EksIdentityLookup, cluster: Cluster) -> None:
    assert lookup.kubernetes_identity(cluster.arn, SESSION) is None
    access_entries.add_administrator(eks_backends[ACCOUNT]["us-east-1"], cluster, ROLE)
    assert lookup.kubernetes_identity(cluster.arn, SESSION) == KubernetesIdentity(SESSION, ("system:masters",))
    other = SESSION.replace(ACCOUNT, "600000000002")
    assert lookup.kubernetes_identity(cluster.arn, other) is None
    assert lookup.kubernetes_identity(cluster.arn + "x", SESSION) is None


def test_a_policy_for_a_namespace_makes_nobody_master(lookup: EksIdentityLookup, cluster: Cluster) -> None:
    access_entries.add_administrator(eks_backends[ACCOUNT]["us-east-1"], cluster, ROLE)
    policy = cluster.access_policies[ROLE][access_entries.CLUSTER_ADMIN_POLICY]
    policy["accessScope"] = {"type": "namespace", "namespaces": ["beta9"]}
    found = lookup.kubernetes_identity(cluster.arn, SESSION)
    assert found is not None
    assert found.groups == ()


def test_the_creator_of_a_config_map_cluster_is_its_master(lookup: EksIdentityLookup, cluster: Cluster) -> None:
    assert lookup.kubernetes_identity(cluster.arn, cluster.creator_arn) is None
    cluster.view["accessConfig"]["authenticationMode"] = "CONFIG_MAP"
    found = lookup.kubernetes_identity(cluster.arn, cluster.creator_arn)
    assert found == KubernetesIdentity("kubernetes-admin", ("system:masters",))
    cluster.creator_is_admin = False
    assert lookup.kubernetes_identity(cluster.arn, cluster.creator_arn) is None
