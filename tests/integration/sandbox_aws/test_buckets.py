"""Buckets: conditional writes, and policies that concern plain HTTP alone."""

import json

from .conftest import Account
from .helpers import refused


def test_a_write_on_condition(account: Account) -> None:
    s3 = account.client("s3")
    place = {"Bucket": f"state-{account.id}", "Key": "a/b c+ü.tfstate"}
    s3.create_bucket(Bucket=place["Bucket"])
    first = s3.put_object(**place, Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused(s3.put_object, **place, Body=b"2", IfNoneMatch="*")[:2] == ("PreconditionFailed", 412)
    second = s3.put_object(**place, Body=b"2", IfMatch=first)["ETag"]
    assert refused(s3.put_object, **place, Body=b"3", IfMatch=first)[:2] == ("PreconditionFailed", 412)
    assert s3.get_object(**place)["ETag"] == second


def test_a_tls_only_policy_lets_its_owner_in(account: Account) -> None:
    s3 = account.client("s3")
    name = f"tls-{account.id}"
    s3.create_bucket(Bucket=name)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=name, Key="key", Body=b"1")
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == b"1"
    del statement["Condition"]
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert refused(s3.get_object, Bucket=name, Key="key")[1] == 403
