"""TokenReview: the answer to an API server that asks whose bearer token it was sent."""

from __future__ import annotations

import datetime
import json
import logging
from typing import Any

from ..aws.eks.control_planes import CallerIdentity, IdentityLookup
from .aws_access import AwsAccess, ClusterScope
from .local_server import Answer
from .token import TokenRefused, presigned_url

_LOG = logging.getLogger(__name__)


class TokenReviewer:
    """Decides about tokens for all clusters. Thread-safe."""

    def __init__(self, identity: IdentityLookup, aws: AwsAccess) -> None:
        self._identity = identity
        self._aws = aws

    def answer(self, cluster: ClusterScope, body: bytes) -> Answer:
        """Answer one TokenReview (authentication.k8s.io/v1) request for `cluster`."""
        try:
            token = str(json.loads(body)["spec"]["token"])
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "the body is not a TokenReview"}
        status = self.review(token, cluster, datetime.datetime.now(datetime.UTC))
        if not status["authenticated"]:
            _LOG.warning("token for cluster %s refused: %s", cluster.name, status["error"])
        return 200, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status}

    def review(self, token: str, cluster: ClusterScope, now: datetime.datetime) -> dict[str, Any]:
        """The `status` of the TokenReview of `token`."""
        try:
            caller = self._caller(token, cluster, now)
            user = self._identity.kubernetes_identity(cluster.arn, caller.arn)
            if user is None:
                raise TokenRefused(f"{caller.arn} has no access entry in cluster {cluster.name}")
        except TokenRefused as refused:
            return {"authenticated": False, "error": str(refused)}
        return {
            "authenticated": True,
            "user": {
                "username": user.username,
                "uid": f"aws-iam-authenticator:{caller.account_id}:{caller.user_id}",
                "groups": list(user.groups),
                "extra": {"arn": [caller.arn]},
            },
        }

    def _caller(self, token: str, cluster: ClusterScope, now: datetime.datetime) -> CallerIdentity:
        url = presigned_url(token, self._aws.hosts(), now)
        caller = self._identity.identify(url, cluster.name)
        if caller is None:
            raise TokenRefused("STS does not know who signed the token, or it was signed for another cluster")
        return caller
