"""RDS, mended: instances of their own, parameter groups that stay, offers that can be asked for."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.rds import instances, offers, parameter_groups, subnet_groups

    offers.mend()
    instances.mend()
    parameter_groups.mend()
    subnet_groups.mend()
