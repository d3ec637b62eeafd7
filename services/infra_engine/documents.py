"""The customer's document as the input of a stack, with the contract's defaults filled in."""

from provisioning.environment.v1 import environment_spec_pb2 as pb
from provisioning.environment.v1.hand_over_pb2 import CredentialVersions

from services.infra_engine.document_nodes import cluster, enum_word, given
from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.stack_input import (
    AwsAccount,
    AwsCalls,
    Network,
    ObjectStore,
    Postgres,
    Redis,
    StackInput,
    State,
)

_POSTGRES = (
    "instance_class", "version", "multi_az", "backup_retention_days", "storage_gb", "max_storage_gb", "backup_window",
    "maintenance_window",
)  # fmt: skip
_REDIS = (
    "node_type", "version", "ha", "num_replicas", "snapshot_retention_days", "snapshot_window", "maintenance_window",
)  # fmt: skip


def stack_input(
    spec: pb.EnvironmentSpec,
    *,
    workspace: str,
    environment: str,
    uid: str,
    external_id: str,
    settings: EngineSettings,
    credentials: CredentialVersions | None = None,
) -> StackInput:
    """What to build for a document. A field that is not set takes the default of the stack's input, which is the
    contract's; a version of a credential that is not said is the first.

    Raises ValueError, with the field's name, for a choice that this release does not know.
    """
    cloud = spec.cloud
    return StackInput(
        workspace=workspace,
        environment=environment,
        uid=uid,
        account=AwsAccount(cloud.account_id, cloud.region, cloud.role_arn, external_id or None),
        domain=spec.beta9.domain,
        network=_network(spec),
        cluster=cluster(spec),
        postgres=_postgres(spec.data.postgres, credentials or CredentialVersions()),
        redis=_redis(spec.data.redis),
        object_store=ObjectStore(**given(spec.data.object_store, "bucket_prefix", "versioning", "lifecycle_days")),
        tags=dict(cloud.tags),
        permissions_boundary_arn=cloud.permissions_boundary_arn or None,
        kms_key_arn=cloud.kms_key_arn or None,
        deletion_protection=spec.deletion_protection,
        aws_calls=AwsCalls(s3_path_style=settings.s3_path_style, max_retries=settings.max_retries),
        state=_state(spec.state),
        stack=settings.stack,
    )


def _state(state: pb.StateSpec) -> State:
    return State(
        bucket=state.bucket or None,
        in_s3=not state.gcs.bucket,
        kms_key_arn=state.kms_key_arn or None,
        lock_table=state.dynamodb_table or None,
    )


def _network(spec: pb.EnvironmentSpec) -> Network:
    network = spec.network
    zones = tuple(network.zone_ids)
    existing = network.existing_vpc_id or None
    return Network(
        zone_ids=zones,
        nat_per_zone=enum_word(pb.NatMode, network.nat, "network.nat", "SINGLE") == "PER_ZONE",
        existing_vpc_id=existing,
        existing_private_subnet_ids=tuple(network.existing_private_subnet_ids),
        existing_public_subnet_ids=tuple(network.existing_public_subnet_ids),
        **{
            # Somebody else's traffic is not recorded unasked.
            "flow_logs": existing is None and not spec.cluster.use_existing,
            **({"zone_count": len(zones)} if zones else {}),
            **given(network, "cidr", "zone_count", "flow_logs", "log_retention_days"),
        },
    )


def _postgres(postgres: pb.PostgresSpec, credentials: CredentialVersions) -> Postgres:
    return Postgres(
        size=enum_word(pb.Size, postgres.size, "data.postgres.size", "small").lower(),
        keep_final_snapshot=postgres.final_snapshot if postgres.HasField("final_snapshot") else True,
        password_version=credentials.postgres_password or 1,
        **given(postgres, *_POSTGRES),
    )


def _redis(redis: pb.RedisSpec) -> Redis:
    return Redis(
        size=enum_word(pb.Size, redis.size, "data.redis.size", "small").lower(),
        engine=enum_word(pb.CacheEngine, redis.engine, "data.redis.engine", "valkey").lower(),
        **given(redis, *_REDIS),
    )
