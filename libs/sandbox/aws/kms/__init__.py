"""KMS, mended: a key's rotation has a period, its policy names those who exist, and AWS' keys are AWS'."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.kms import names, policies, rotation

    names.mend()
    policies.mend()
    rotation.mend()
