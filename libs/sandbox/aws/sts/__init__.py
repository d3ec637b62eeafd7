"""STS, mended."""


def mend() -> None:
    """Apply the mends."""
