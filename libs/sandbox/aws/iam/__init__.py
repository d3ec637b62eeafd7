"""IAM, mended: users can be emptied and deleted."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.iam import service_credentials

    service_credentials.mend()
