"""IAM, mended: boundaries count, policies are simulated, and what is used is not deleted."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.iam import boundaries, deletes, service_credentials, service_linked_roles, simulation

    boundaries.mend()
    deletes.mend()
    service_credentials.mend()
    service_linked_roles.mend()
    simulation.mend()
