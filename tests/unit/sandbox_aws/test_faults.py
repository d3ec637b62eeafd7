"""Ordered faults come as often as ordered, for their call alone."""

from libs.sandbox.aws.faults import Fault, Faults


def test_a_fault_comes_as_often_as_ordered() -> None:
    faults = Faults()
    faults.order(Fault("eks", "CreateCluster", "ServerException", "busy", count=2))
    assert faults.take("eks", "DeleteCluster") is None
    assert faults.take("rds", "CreateCluster") is None
    assert [faults.take("eks", "CreateCluster") is not None for _ in range(3)] == [True, True, False]
    assert not faults.expected_for("eks")


def test_cleared_faults_do_not_come() -> None:
    faults = Faults()
    faults.order(Fault("eks", "CreateCluster", "ServerException", "busy", count=2))
    assert faults.expected_for("eks")
    faults.clear()
    assert faults.take("eks", "CreateCluster") is None
