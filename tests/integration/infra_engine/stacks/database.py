"""The database alone, by the constructs of the real stack, in the account's default network.

Use it by the setting PROVISIONING_STACKS=database=tests.integration.infra_engine.stacks.database:DATABASE.
"""

from typing import Any

from services.infra_engine.stacks.aws.definition import BETA9
from services.infra_engine.stacks.aws.shape import from_shape
from services.infra_engine.stacks.definition import Shape, StackDefinition
from tests.integration.infra_engine.stacks.default_network import default_network


def build(stack: Any, shape: Shape) -> None:
    """Its key, its secret and a security group that lets nobody in go with it."""
    from services.infra_engine.stacks.aws.database_secret import PASSWORD
    from services.infra_engine.stacks.aws.encryption import build_encryption
    from services.infra_engine.stacks.aws.inputs import Inputs
    from services.infra_engine.stacks.aws.postgres import build_postgres
    from services.infra_engine.stacks.aws.provider import build_provider
    from services.infra_engine.stacks.bindings import aws, create

    inputs = Inputs(stack, secrets=(PASSWORD,))
    build_provider(stack, inputs)
    encryption = build_encryption(stack, inputs, from_shape(shape))
    group = create(stack, aws("security_group").SecurityGroup, "group", name=inputs.name("database"))
    build_postgres(stack, inputs, default_network(stack, inputs), group, encryption)


DATABASE = StackDefinition(
    name="database",
    build=f"{__name__}:build",
    shape=BETA9.shape,
    variables=BETA9.variables,
    resource_types=BETA9.resource_types,
    data_types=BETA9.data_types,
    milestones=lambda shape: (),
    secrets=BETA9.secrets,
)
