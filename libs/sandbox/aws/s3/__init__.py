"""S3, mended."""


def mend() -> None:
    """Apply the mends."""
