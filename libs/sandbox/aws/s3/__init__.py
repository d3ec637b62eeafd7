"""S3, mended: a bucket is its account's."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.s3 import ownership, transport

    ownership.mend()
    transport.mend()
