"""The tags by which everything of an environment can be found."""

from services.infra_engine.stacks.stack_input import StackInput

MANAGED_BY = "beta9-provisioning"


def environment_tags(stack_input: StackInput) -> dict[str, str]:
    """On every resource that takes tags, through the provider's default tags: the document's, and ours, which win."""
    return {
        **stack_input.tags,
        "Environment": stack_input.environment,
        "EnvironmentId": stack_input.uid,
        "ManagedBy": MANAGED_BY,
        "Beta9Domain": stack_input.domain,
        "Workspace": stack_input.workspace,
    }


def subnet_tags(cluster_name: str, *, public: bool) -> dict[str, str]:
    """What load balancer controllers look for: whose the subnet is and what it is for."""
    kind, role = ("public", "elb") if public else ("private", "internal-elb")
    return {
        "Name": f"{cluster_name}-{kind}",
        f"kubernetes.io/cluster/{cluster_name}": "shared",
        f"kubernetes.io/role/{role}": "1",
    }
