"""What the tagging API finds of the services that have a backend of their own here."""

from .conftest import Account
from .test_data_services import make_cache
from .test_eks import TRUST, make_cluster


def test_clusters_and_caches_are_found_by_tag(account: Account) -> None:
    network = account.network()
    tags = {"environment": "alpha"}
    cluster = make_cluster(account, network, account.role("control", TRUST), tags=tags)
    cache = make_cache(account, network, Tags=[{"Key": "environment", "Value": "alpha"}])["ReplicationGroup"]
    tagging = account.client("resourcegroupstaggingapi")
    wanted = [{"Key": "environment", "Values": ["alpha"]}]

    def found(*kinds: str) -> set[str]:
        answer = tagging.get_resources(TagFilters=wanted, ResourceTypeFilters=list(kinds))
        return {resource["ResourceARN"] for resource in answer["ResourceTagMappingList"]}

    assert found("eks:cluster") == {cluster["arn"]}
    assert found("elasticache:replicationgroup") == {cache["ARN"]}
    account.client("eks").untag_resource(resourceArn=cluster["arn"], tagKeys=["environment"])
    assert found("eks:cluster") == set()
