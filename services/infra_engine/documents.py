"""The customer's document as the input of a stack, with the contract's defaults filled in."""

from typing import Any, cast

from provisioning.environment.v1.environment_spec_pb2 import EnvironmentSpec, Profile
from provisioning.environment.v1.environment_spec_pb2 import Size as SizeValue

from services.infra_engine.settings import EngineSettings
from services.infra_engine.stacks.stack_input import (
    SYSTEM,
    AwsAccount,
    AwsCalls,
    Cluster,
    NodeGroup,
    ObjectStore,
    Postgres,
    Redis,
    Size,
    StackInput,
)


def stack_input(
    spec: EnvironmentSpec, *, workspace: str, environment: str, uid: str, external_id: str, settings: EngineSettings
) -> StackInput:
    """What to build for a document. A field that is not set takes the default of the stack's input, which is the
    contract's.

    Raises ValueError, with the field's name, for a choice that this release does not know.
    """
    postgres, redis, store = spec.data.postgres, spec.data.redis, spec.data.object_store
    return StackInput(
        workspace=workspace,
        environment=environment,
        uid=uid,
        account=AwsAccount(spec.cloud.account_id, spec.cloud.region, spec.cloud.role_arn, external_id or None),
        domain=spec.beta9.domain,
        cluster=Cluster(
            profile=_size(Profile, spec.cluster.profile, "cluster.profile"),
            system_nodes=NodeGroup(SYSTEM, labels=dict(spec.cluster.node_labels)),
        ),
        postgres=Postgres(
            size=_size(SizeValue, postgres.size, "data.postgres.size"),
            multi_az=postgres.multi_az if postgres.HasField("multi_az") else Postgres.multi_az,
            backup_retention_days=(
                postgres.backup_retention_days
                if postgres.HasField("backup_retention_days")
                else Postgres.backup_retention_days
            ),
            storage_gb=postgres.storage_gb if postgres.HasField("storage_gb") else None,
        ),
        redis=Redis(
            size=_size(SizeValue, redis.size, "data.redis.size"),
            ha=redis.ha if redis.HasField("ha") else Redis.ha,
            num_replicas=redis.num_replicas if redis.HasField("num_replicas") else None,
        ),
        object_store=ObjectStore(
            bucket_prefix=store.bucket_prefix or ObjectStore.bucket_prefix,
            versioning=store.versioning if store.HasField("versioning") else ObjectStore.versioning,
            lifecycle_days=store.lifecycle_days if store.HasField("lifecycle_days") else ObjectStore.lifecycle_days,
        ),
        aws_calls=AwsCalls(s3_path_style=settings.s3_path_style, max_retries=settings.max_retries),
        stack=settings.stack,
    )


def _size(choices: Any, value: int, field: str) -> Size:
    """The word for a value of an enum of sizes, which is the last one of its name."""
    if not value:
        return "small"
    try:
        return cast(Size, choices.Name(value).rsplit("_", 1)[1].lower())
    except ValueError as error:
        raise ValueError(f"{field} is {value}, which this release does not know.") from error
