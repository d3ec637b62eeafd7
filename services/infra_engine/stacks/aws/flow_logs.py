"""Flow logs of the VPC: a log group of their own, the role that writes to it, and the flow log.

The role may write there and make no group: after a destroy, a late record would otherwise bring the group back.
"""

from typing import Any

from services.infra_engine.stacks.aws.encryption import Encryption
from services.infra_engine.stacks.aws.inputs import Inputs
from services.infra_engine.stacks.aws.logs import build_log_group
from services.infra_engine.stacks.aws.placement import Network
from services.infra_engine.stacks.aws.policies import assumed_by_service, document
from services.infra_engine.stacks.bindings import aws, create

iam_role = aws("iam_role")
role_policy = aws("iam_role_policy")
flow_log = aws("flow_log")


def build_flow_logs(stack: Any, inputs: Inputs, network: Network, encryption: Encryption) -> None:
    """All traffic, accepted and refused, in intervals of ten minutes."""
    group = build_log_group(stack, inputs, encryption, "flow_logs", inputs.name("flow_log_group"))
    role = create(
        stack,
        iam_role.IamRole,
        "flow_log_role",
        name=inputs.name("flow_log_role"),
        # Flow logs of another account must not be able to write through our role.
        assume_role_policy=assumed_by_service(
            "vpc-flow-logs.amazonaws.com", {"StringEquals": {"aws:SourceAccount": inputs.text("account_id")}}
        ),
        permissions_boundary=inputs.boundary(),
    )
    may = create(
        stack,
        role_policy.IamRolePolicy,
        "flow_log_writes",
        name="logs",
        role=role.ref("name"),
        policy=document(
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": f"{group.ref('arn')}:*",
            }
        ),
    )
    create(
        stack,
        flow_log.FlowLog,
        "flow_log",
        vpc_id=network.vpc_id,
        traffic_type="ALL",
        log_destination=group.ref("arn"),
        iam_role_arn=role.ref("arn"),
        tags={"Name": inputs.name("base")},
        depends_on=[may],
    )
