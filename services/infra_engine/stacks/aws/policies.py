"""IAM policy documents as text; their references are resolved by Terraform."""

import json

_VERSION = "2012-10-17"


def document(*statements: dict[str, object]) -> str:
    """A policy document, keys in a stable order."""
    return json.dumps({"Version": _VERSION, "Statement": list(statements)}, sort_keys=True)


def assumed_by_service(service: str, condition: dict[str, object] | None = None) -> str:
    """Trust for an AWS service."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return document({**statement, "Condition": condition} if condition else statement)


def assumed_by_service_accounts(provider_arn: str, issuer: str, *accounts: str) -> str:
    """Trust for Kubernetes service accounts (`namespace:name`) through the cluster's OIDC provider.

    `issuer` is without its scheme, as IAM names the provider in conditions.
    """
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{issuer}:aud": "sts.amazonaws.com",
                    f"{issuer}:sub": [f"system:serviceaccount:{account}" for account in accounts],
                }
            },
        }
    )
