"""The tagging API, mended: GetResources sees what AWS sees."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.resourcegroupstaggingapi import missed

    missed.mend()
