"""CloudWatch Logs, mended: a group's key must let it in, and a group made again is a new one."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.logs import groups, keys

    groups.mend()
    keys.mend()
