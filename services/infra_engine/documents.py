"""The customer's document as the input of a stack, with the contract's defaults filled in."""

from typing import cast

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
    contract's."""
    postgres, redis, store = spec.data.postgres, spec.data.redis, spec.data.object_store
    return StackInput(
        workspace=workspace,
        environment=environment,
        uid=uid,
        account=AwsAccount(spec.cloud.account_id, spec.cloud.region, spec.cloud.role_arn, external_id or None),
        domain=spec.beta9.domain,
        cluster=Cluster(
            profile=_profile(spec.cluster.profile),
            system_nodes=NodeGroup(SYSTEM, labels=dict(spec.cluster.node_labels)),
        ),
        postgres=Postgres(
            size=_size(postgres.size),
            multi_az=postgres.multi_az if postgres.HasField("multi_az") else Postgres.multi_az,
            backup_retention_days=(
                postgres.backup_retention_days
                if postgres.HasField("backup_retention_days")
                else Postgres.backup_retention_days
            ),
            storage_gb=postgres.storage_gb if postgres.HasField("storage_gb") else None,
        ),
        redis=Redis(
            size=_size(redis.size),
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


def _profile(value: Profile) -> Size:
    return _word(Profile.Name(value or Profile.PROFILE_SMALL), "PROFILE_")


def _size(value: SizeValue) -> Size:
    return _word(SizeValue.Name(value or SizeValue.SIZE_SMALL), "SIZE_")


def _word(name: str, prefix: str) -> Size:
    return cast(Size, name.removeprefix(prefix).lower())
