"""KMS, mended: a key's rotation has a period."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.kms import rotation

    rotation.mend()
