"""Secrets Manager, mended: a name that waits for its deletion is told apart from one that is taken."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.secretsmanager import deletion

    deletion.mend()
