"""The page of a campaign: what has converged, what has not, and how long it took."""

from tests.crash.points import Crash, Operation, Point, Victim
from tests.crash.proxy import When
from tests.crash.report import Campaigned, converged_in, page

_WELL = Crash(Point(Operation.CREATE, "ec2:CreateVpc", 1, When.AFTER), 8, 17.25, 3.5, ())
_LOOKED = Crash(Point(Operation.CREATE, "ec2:DescribeVpcs", 2, When.BEFORE), 12, 15.0, 4.0, ())
_ILL = Crash(
    Point(Operation.DESTROY, "iam:DeleteRole", 1, When.AFTER, Victim.MACHINE), 70, 0.0, 5.0, ("a role | is left",)
)
_ABSENT = Crash(Point(Operation.DESTROY, "ec2:DescribeSubnets", 9, When.BEFORE), 0, 0.0, 0.0, ())


def test_the_page_says_what_has_converged_and_what_has_not() -> None:
    text = page(Campaigned([_ILL, _WELL, _LOOKED, _ABSENT], 490, "2026-11-24", "2 cores", 4.0, [_WELL]))
    assert "**2 of 3** points" in text and "there are 490" in text
    assert "- 1 calls did not come" in text
    assert "| 0 | `ec2:DescribeSubnets` #9 | before | the call did not come | 0.0 | 0.0 |" in text
    assert "At calls that change something: 1 of 2" in text
    assert "| 8 | `ec2:CreateVpc` #1 | after | converged | 3.5 | 17.2 |" in text
    assert "| 70 | `iam:DeleteRole` #1 | after, machine | **a role / is left** | 5.0 | 0.0 |" in text
    assert "## Update" not in text
    assert "| create, after `ec2:CreateVpc` #1 | 3.5 s | 17.2 s |" in text


def test_looking_changes_nothing() -> None:
    assert _WELL.point.changes and not _LOOKED.point.changes


def test_a_campaign_goes_on_from_its_page() -> None:
    died = Crash(Point(Operation.UPDATE, "iam:PutRolePolicy", 3, When.BEFORE, Victim.MACHINE), 9, 30.5, 6.5, ())
    kept = [died, Crash(_WELL.point, 8, 17.2, 3.5, ())]
    text = page(Campaigned([_ILL, _ABSENT, *kept], 490, "2026-11-24", "2 cores", 4.0, [_WELL], 3, ["a sentence"]))
    assert sorted(converged_in(text), key=lambda crash: crash.number) == sorted(kept, key=lambda crash: crash.number)
