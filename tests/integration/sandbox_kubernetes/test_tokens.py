"""Who gets in: EKS tokens against the API server, the webhook, STS and the access entries."""

from __future__ import annotations

import json

import boto3
from kubernetes import client as kube


def test_the_creator_is_an_administrator(cluster):
    with cluster.api() as client:
        user = kube.AuthenticationV1Api(client).create_self_subject_review({}).status.user_info
    assert "system:masters" in user.groups
    assert user.uid.startswith("aws-iam-authenticator:")
    assert user.extra["arn"] == ["arn:aws:iam::210987654321:user/sandbox-administrator"]


def test_a_token_for_another_cluster_is_refused(cluster):
    assert cluster.status_of(cluster.token()) == 200
    assert cluster.status_of(cluster.token("another")) == 401


def test_a_token_that_was_tampered_with_is_refused(cluster):
    token = cluster.token()
    assert cluster.status_of(f"{token[:-6]}AAAAAA") == 401
    assert cluster.status_of("k8s-aws-v1.aGVsbG8") == 401
    assert cluster.status_of("eyJhbGciOiJSUzI1NiJ9.e30.e30") == 401


def test_a_role_gets_in_by_its_access_entry_alone(cluster):
    arn = cluster.role("visitor", {"AWS": "arn:aws:iam::210987654321:root"})
    sts = cluster.sandbox.aws("sts")
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.session.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=cluster.region
    )
    assert cluster.status_of(cluster.token(session=session)) == 401
    eks = cluster.sandbox.aws("eks")
    eks.create_access_entry(clusterName=cluster.name, principalArn=arn, kubernetesGroups=["viewers"])
    # Known now, but no role binding gives its group anything.
    assert cluster.status_of(cluster.token(session=session)) == 403
    rule = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}
    group = "rbac.authorization.k8s.io"
    for document in (
        {"kind": "ClusterRole", "metadata": {"name": "viewers"}, "rules": [rule]},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "viewers"},
            "subjects": [{"apiGroup": group, "kind": "Group", "name": "viewers"}],
        },
    ):
        cluster.apply(json.loads(json.dumps({"apiVersion": f"{group}/v1", **document})))
    assert cluster.status_of(cluster.token(session=session)) == 200
