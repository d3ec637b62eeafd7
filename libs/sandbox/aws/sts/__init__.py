"""STS, mended: a role is assumed by those whom it trusts, and nobody else."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.sts import assume_role

    assume_role.mend()
