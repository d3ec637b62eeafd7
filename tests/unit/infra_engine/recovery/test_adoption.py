"""What becomes of what was found."""

import json

from services.infra_engine.recovery.adoption import Adoption, adoption_of
from services.infra_engine.recovery.kinds import Found, Health


def test_what_the_state_lacks_is_imported() -> None:
    adoption = adoption_of({"aws_vpc.vpc": Found("vpc-1"), "aws_route.out": Found("r-1", "rtb-1_0.0.0.0/0")}, {})
    assert adoption.imports == {"aws_vpc.vpc": "vpc-1", "aws_route.out": "rtb-1_0.0.0.0/0"}
    assert (adoption.replace, adoption.untaint, adoption.pending) == (frozenset(), (), ())


def test_what_is_tainted_is_untainted_if_it_is_the_same_one_and_healthy() -> None:
    found = {
        "aws_eks_cluster.healthy": Found("healthy"),
        "aws_eks_cluster.failed": Found("failed", health=Health.FAILED),
        "aws_eks_cluster.other": Found("another"),
    }
    tainted = {
        "aws_eks_cluster.healthy": "healthy",
        "aws_eks_cluster.failed": "failed",
        "aws_eks_cluster.other": "its own",
        "aws_eks_cluster.gone": "gone",
    }
    adoption = adoption_of(found, tainted)
    assert adoption.untaint == ("aws_eks_cluster.healthy",)
    assert adoption.imports == {}


def test_what_failed_is_imported_to_be_replaced_and_what_is_pending_is_waited_for() -> None:
    found = {
        "aws_eks_addon.failed": Found("c:failed", health=Health.FAILED),
        "aws_eks_addon.pending": Found("c:pending", health=Health.PENDING),
    }
    adoption = adoption_of(found, {})
    assert adoption.replace == {"aws_eks_addon.failed"}
    assert adoption.pending == ("aws_eks_addon.pending",)
    assert [one["to"] for one in json.loads(adoption.import_blocks())["import"]] == ["aws_eks_addon.pending"]


def test_an_id_is_never_code() -> None:
    blocks = json.loads(Adoption({"aws_iam_role.x": '${file("/etc/hostname")}%{ for }'}).import_blocks())
    assert blocks["import"][0]["id"] == '$${file("/etc/hostname")}%%{ for }'
