"""EC2, mended: what lies in a network holds it, and what was sent can be read back."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.ec2 import dependencies, launch_templates, offerings, rule_descriptions

    dependencies.mend()
    launch_templates.mend()
    offerings.mend()
    rule_descriptions.mend()
