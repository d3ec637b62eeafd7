"""TokenReview, with an identity lookup of the test's own."""

from __future__ import annotations

import base64
import datetime
import json

from libs.sandbox.aws.eks.control_planes import CallerIdentity, KubernetesIdentity
from libs.sandbox.kubernetes.aws_access import AwsAccess, ClusterScope, Credentials
from libs.sandbox.kubernetes.token_webhook import TokenReviewer

_CLUSTER = ClusterScope("arn:cluster", "demo", "us-east-1", "111122223333", "vpc-1")
_ARN = "arn:aws:sts::111122223333:assumed-role/operator/me"


class _Identity:
    def __init__(self, known=True, entry=True):
        self.known, self.entry, self.asked = known, entry, []

    def identify(self, token_url, cluster_name):
        self.asked.append(cluster_name)
        return CallerIdentity("111122223333", _ARN, "AROA:me") if self.known else None

    def kubernetes_identity(self, cluster_arn, principal_arn):
        self.asked.append((cluster_arn, principal_arn))
        return KubernetesIdentity("operator", ("system:masters",)) if self.entry else None


def _ask(identity, token):
    aws = AwsAccess(lambda: "http://127.0.0.1:4566", lambda account: Credentials("a", "b"))
    body = json.dumps({"kind": "TokenReview", "spec": {"token": token}}).encode()
    return TokenReviewer(identity, aws).answer(_CLUSTER, body)


def _token(host="127.0.0.1:4566"):
    date = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    url = (
        f"https://{host}/?Action=GetCallerIdentity&X-Amz-Date={date}&X-Amz-Expires=60"
        "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_a_known_caller_is_the_user_of_its_access_entry():
    identity = _Identity()
    status, review = _ask(identity, _token())
    assert status == 200
    assert (review["kind"], review["apiVersion"]) == ("TokenReview", "authentication.k8s.io/v1")
    assert review["status"]["authenticated"] is True
    assert review["status"]["user"]["username"] == "operator"
    assert review["status"]["user"]["groups"] == ["system:masters"]
    assert identity.asked == ["demo", ("arn:cluster", _ARN)]


def test_the_refusals_say_why():
    for identity, token, reason in (
        (_Identity(known=False), _token(), "STS"),
        (_Identity(entry=False), _token(), "no access entry"),
        (_Identity(), _token("evil.example"), "evil.example"),
    ):
        status, review = _ask(identity, token)
        assert status == 200
        assert review["status"]["authenticated"] is False
        assert reason in review["status"]["error"]
        assert "user" not in review["status"]


def test_what_is_no_review_is_a_bad_request():
    aws = AwsAccess(lambda: "http://127.0.0.1:4566", lambda account: Credentials("a", "b"))
    assert TokenReviewer(_Identity(), aws).answer(_CLUSTER, b"{}")[0] == 400
    assert TokenReviewer(_Identity(), aws).answer(_CLUSTER, b"no json")[0] == 400


def test_credentials_do_not_show_their_secret():
    assert "hidden" not in repr(Credentials("AKIA", "hidden", "hidden-too"))
