"""Account management, mended: which regions the account may use."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.account import operations

    operations.mend()
