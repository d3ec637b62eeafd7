"""KMS, mended: a key's rotation has a period, and its policy names those who exist."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.kms import policies, rotation

    policies.mend()
    rotation.mend()
