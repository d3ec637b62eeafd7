"""All facts of an account at once, in threads."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from services.infra_engine.preflight.actions import action_groups
from services.infra_engine.preflight.asked import Asked, asked
from services.infra_engine.preflight.aws import counts, ec2, eks, iam, quotas, stores, vpc
from services.infra_engine.preflight.aws.clients import Clients, unreadable
from services.infra_engine.preflight.facts import Facts, Reservation, Unreadable
from services.infra_engine.stacks.aws.names import base_name, state_bucket
from services.infra_engine.stacks.stack_input import StackInput

ENVIRONMENT_TAG = "EnvironmentId"
_THREADS = 8

Jobs = dict[str, tuple[str, Callable[[Any], Any]]]
"""By fact: the service, and what its client is asked."""


def gather(clients: Clients, stack_input: StackInput) -> Facts:
    """What a document's checks need, and no more. A call that fails makes its fact `Unreadable`, never an error.

    Two rounds: reservations decide what a group is, and an existing cluster where its subnets are.
    """
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="preflight") as pool:
        facts = Facts(**_results(_start(pool, clients, _first(stack_input))))
        wished = asked(stack_input, known_reservations(facts))
        second = _start(pool, clients, _second(stack_input, wished, facts))
        names = _start(pool, clients, _names(stack_input, wished.names))
        counted = _start(pool, clients, _counts(stack_input, wished.names))
        taken = tuple(one for one in _results(names).values() if one is not None)
        return replace(facts, **_results(second), taken=taken, counted=tuple(_results(counted).values()))


def surroundings(clients: Clients, stack_input: StackInput) -> Facts:
    """Only what the stack's own input takes from AWS: reservations' zones, the control plane's version, and the OIDC
    provider that there is."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="preflight") as pool:
        facts = Facts(**_results(_start(pool, clients, _first(stack_input))))
        return replace(facts, **_results(_start(pool, clients, _identity(stack_input))))


def known_reservations(facts: Facts) -> Mapping[str, Reservation]:
    """The reservations that could be read."""
    return {} if isinstance(facts.reservations, Unreadable) else facts.reservations


def _start(pool: ThreadPoolExecutor, clients: Clients, jobs: Jobs) -> dict[str, Future[Any]]:
    return {name: pool.submit(_ask, clients, service, question) for name, (service, question) in jobs.items()}


def _results(started: Mapping[str, Future[Any]]) -> dict[str, Any]:
    return {name: future.result() for name, future in started.items()}


def _ask(clients: Clients, service: str, question: Callable[[Any], Any]) -> Any:
    try:
        return question(clients[service])
    except Exception as error:
        return unreadable(error, service)


def _first(stack_input: StackInput) -> Jobs:
    jobs: Jobs = {}
    ids = {one.capacity_reservation_id for one in stack_input.cluster.node_groups if one.capacity_reservation_id}
    if system := stack_input.cluster.system_nodes.capacity_reservation_id:
        ids.add(system)
    if ids:
        jobs["reservations"] = ("ec2", lambda client: ec2.reservations(client, ids))
    if name := stack_input.cluster.existing_name:
        jobs["cluster"] = ("eks", lambda client: eks.cluster(client, name, stack_input.account.role_arn))
    else:
        own_name = base_name(stack_input.environment, stack_input.uid)
        jobs["control_plane"] = ("eks", lambda client: eks.control_plane(client, own_name))
    return jobs


def _identity(stack_input: StackInput) -> Jobs:
    if stack_input.cluster.existing_name is None:
        return {}
    own = (ENVIRONMENT_TAG, stack_input.uid)
    return {"oidc_providers": ("iam", lambda client: iam.oidc_providers(client, own))}


def _second(stack_input: StackInput, wished: Asked, facts: Facts) -> Jobs:
    account, network = stack_input.account, stack_input.network
    types = {name for one in wished.groups for name in one.group.instance_types}
    own = _own(stack_input, wished.names)
    existing = facts.cluster if facts.cluster is not None and not isinstance(facts.cluster, Unreadable) else None
    vpc_id = network.existing_vpc_id or (existing.vpc_id if existing else None)
    subnet_ids = (*network.existing_private_subnet_ids, *network.existing_public_subnet_ids)
    if existing and not network.existing_private_subnet_ids:
        subnet_ids = (*subnet_ids, *existing.subnet_ids)
    jobs: Jobs = {
        "region_opt_in": ("ec2", lambda client: ec2.region_opt_in(client, account.region)),
        "zones": ("ec2", ec2.zones),
        "offers": ("ec2", lambda client: ec2.offers(client, types)),
        "vcpus": ("ec2", lambda client: ec2.vcpus(client, types)),
        "usage": ("ec2", lambda client: ec2.usage(client, own)),
        "vpcs": ("ec2", lambda client: vpc.vpcs(client, own, vpc_id, joined=wished.makes_network)),
        "database": (
            "rds",
            lambda client: stores.database(client, wished.database_class, stack_input.postgres.version),
        ),
        "snapshots": ("rds", lambda client: stores.snapshots(client, wished.names["database"])),
        "cache_type": ("elasticache", lambda client: counts.cache_type(client, wished.cache_type)),
        "quotas": ("service-quotas", quotas.quotas),
        "kubernetes": ("eks", eks.versions),
        "denied": ("iam", lambda client: iam.denied(client, account.role_arn, action_groups(stack_input))),
        **_identity(stack_input),
    }
    if existing and existing.security_group_id:
        jobs["neighbours"] = (
            "ec2",
            lambda client: vpc.neighbours(client, existing.security_group_id, (ENVIRONMENT_TAG, stack_input.uid)),
        )
    if subnet_ids:
        jobs["subnets"] = ("ec2", lambda client: vpc.subnets(client, subnet_ids))
    if key := stack_input.kms_key_arn:
        jobs["key"] = ("kms", lambda client: iam.key(client, key, account.region))
    if state_key := stack_input.state.kms_key_arn:
        jobs["state_key"] = ("kms", lambda client: iam.key(client, state_key, account.region))
    if boundary := stack_input.permissions_boundary_arn:
        jobs["boundary"] = ("iam", lambda client: iam.policy_exists(client, boundary))
    if not types:
        del jobs["offers"], jobs["vcpus"]
    return jobs


def _names(stack_input: StackInput, names: Mapping[str, str]) -> Jobs:
    own, account = (ENVIRONMENT_TAG, stack_input.uid), stack_input.account.account_id
    jobs: Jobs = {
        "bucket": ("s3", lambda client: stores.bucket(client, names["bucket"], own, account)),
        "database": ("rds", lambda client: stores.instance(client, names["database"], own)),
        "cache": ("elasticache", lambda client: stores.cache(client, names["cache"], own)),
    }
    if stack_input.cluster.existing_name is None:
        jobs["cluster"] = ("eks", lambda client: stores.cluster(client, names["cluster"], own))
        jobs["logs"] = ("logs", lambda client: stores.log_group(client, names["cluster_log_group"], own))
    return jobs


def _counts(stack_input: StackInput, names: Mapping[str, str]) -> Jobs:
    own = _own(stack_input, names)
    jobs: Jobs = {
        "databases": ("rds", lambda client: counts.databases(client, own)),
        "cache_nodes": ("elasticache", lambda client: counts.cache_nodes(client, names["cache"])),
        "buckets": ("s3", lambda client: counts.buckets(client, {names["bucket"], state_bucket(stack_input)})),
        "security_groups": ("ec2", lambda client: counts.security_groups(client, own)),
    }
    if (cluster := stack_input.cluster.existing_name) is None:
        jobs["clusters"] = ("eks", lambda client: counts.clusters(client, names["cluster"]))
    else:
        jobs["node_groups"] = ("eks", lambda client: counts.node_groups(client, cluster, f"{names['base']}-"))
    return jobs


def _own(stack_input: StackInput, names: Mapping[str, str]) -> dict[str, str]:
    """Tags, any of which marks a thing as the environment's own."""
    own = {ENVIRONMENT_TAG: stack_input.uid}
    if stack_input.cluster.existing_name is None:
        own["aws:eks:cluster-name"] = names["cluster"]
    return own
