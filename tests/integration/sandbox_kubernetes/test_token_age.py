"""How long a token lives."""

from __future__ import annotations

import base64
import datetime

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest


def _token(cluster, monkeypatch, minutes_ago):
    """A token as EKS' own clients make it, whose URL claims a minute, signed so long ago."""
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes_ago)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: then.replace(tzinfo=None))
    request = AWSRequest(
        method="GET",
        url=f"{cluster.sandbox.url}/?Action=GetCallerIdentity&Version=2011-06-15",
        headers={"x-k8s-aws-id": cluster.name},
    )
    keys = cluster.sandbox.session.get_credentials().get_frozen_credentials()
    botocore.auth.SigV4QueryAuth(keys, "sts", cluster.region, expires=60).add_auth(request)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")


@pytest.mark.parametrize(("minutes_ago", "status"), [(0, 200), (14, 200), (16, 401)])
def test_fifteen_minutes_count_and_not_the_urls_own_life(cluster, monkeypatch, minutes_ago, status):
    assert cluster.status_of(_token(cluster, monkeypatch, minutes_ago)) == status
