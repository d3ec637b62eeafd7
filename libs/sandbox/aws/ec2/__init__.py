"""EC2, mended: what lies in a network holds it, and what was sent can be read back."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.ec2 import (
        capacity_reservations,
        dependencies,
        dry_runs,
        endpoints,
        flow_logs,
        launch_templates,
        offerings,
        regions,
        rule_descriptions,
        subnets,
    )

    capacity_reservations.mend()
    dependencies.mend()
    dry_runs.mend()
    endpoints.mend()
    flow_logs.mend()
    launch_templates.mend()
    offerings.mend()
    regions.mend()
    rule_descriptions.mend()
    subnets.mend()
