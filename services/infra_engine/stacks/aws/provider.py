"""The AWS provider: which account, as whom, with which tags on everything."""

from typing import Any

from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.bindings import aws

provider = aws("provider")


def build_provider(stack: Any, inputs: Inputs) -> None:
    """Endpoints come from AWS_ENDPOINT_URL, base credentials from the environment or the machine."""
    provider.AwsProvider(
        stack,
        "aws",
        region=inputs.text("region"),
        # A role that leads into another account than the document names ends the run before anything is made.
        allowed_account_ids=[inputs.text("account_id")],
        max_retries=inputs.number("max_retries"),
        s3_use_path_style=inputs.flag("s3_path_style"),
        assume_role=[
            provider.AwsProviderAssumeRole(
                role_arn=inputs.text("role_arn"),
                external_id=inputs.text("external_id"),
                session_name=inputs.text("session_name"),
            )
        ],
        default_tags=[provider.AwsProviderDefaultTags(tags=inputs.mapping("tags"))],
    )
