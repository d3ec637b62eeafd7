"""Load balancers, mended: they have interfaces in their subnets."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.elb import placement

    placement.mend()
