"""Service Quotas, mended: the quotas of what an environment uses, with AWS's defaults, settable for a test."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.servicequotas import questions

    questions.mend()
