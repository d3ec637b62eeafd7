"""EC2, mended: what lies in a network holds it."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.ec2 import dependencies, launch_templates

    dependencies.mend()
    launch_templates.mend()
