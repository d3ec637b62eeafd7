"""State backends and their versions, as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.aws_access import AwsAccess
from libs.persistence import Database
from libs.state_stores import StateLocation, StoreKind
from services.state_backend_manager.lease_repository import holds
from services.state_backend_manager.tables import STATE_BACKENDS, STATE_VERSIONS


@dataclass(frozen=True, slots=True)
class StateBackendRecord:
    """Where an environment's state is kept. `serial` is the newest recorded version's, 0 when there is none."""

    uid: str
    workspace: str
    environment: str
    bucket: str
    key: str
    region: str
    released: bool
    created_at: datetime
    serial: int
    access: AwsAccess | None = None
    """How its account is entered; None when an earlier release did not keep it."""
    kind: StoreKind = StoreKind.S3
    kms_key_arn: str = ""
    dynamodb_table: str = ""
    retention_days: int = 180

    @property
    def location(self) -> StateLocation:
        return StateLocation(self.bucket, self.key, self.region, self.kind, self.kms_key_arn, self.dynamodb_table)


@dataclass(frozen=True, slots=True)
class StateVersionRecord:
    """A shipped version, as it was reported. `id` is 0 before it is recorded. One that a person made has an author,
    their reason, and the id of the version that they `restored`."""

    uid: str
    lineage: str
    serial: int
    etag: str
    object_version: str
    sha256: str
    size_bytes: int
    run: str
    fence: int
    resources: int
    author: str = ""
    reason: str = ""
    restored: int = 0
    id: int = 0
    created_at: datetime | None = None


class StateBackendRepository:
    """State backends of every workspace; callers filter by workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, record: StateBackendRecord) -> None:
        """Records a backend; of one that is there, how it is entered alone."""

        async def work(connection: AsyncConnection) -> None:
            values = {
                "uid": record.uid,
                "workspace": record.workspace,
                "environment": record.environment,
                "bucket": record.bucket,
                "key": record.key,
                "region": record.region,
                "kind": record.kind.value,
                "kms_key_arn": record.kms_key_arn,
                "dynamodb_table": record.dynamodb_table,
                "retention_days": record.retention_days,
            }
            entry = {}
            if (access := record.access) is not None:
                entry = {
                    "account_id": access.account_id,
                    "role_arn": access.role_arn,
                    "external_id": access.external_id,
                }
            new = insert(STATE_BACKENDS).values(**values, **entry)
            await connection.execute(
                new.on_conflict_do_update(index_elements=["uid"], set_=entry) if entry else new.on_conflict_do_nothing()
            )

        await self._database.run(work)

    async def find(self, workspace: str, uid: str) -> StateBackendRecord | None:
        found = await self._select(STATE_BACKENDS.c.workspace == workspace, STATE_BACKENDS.c.uid == uid, limit=1)
        return found[0] if found else None

    async def page(self, workspace: str, *, after: str, limit: int) -> list[StateBackendRecord]:
        """Backends of a workspace whose uid is behind `after`, in the order of uids."""
        return await self._select(STATE_BACKENDS.c.workspace == workspace, STATE_BACKENDS.c.uid > after, limit=limit)

    async def release(self, uid: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                STATE_BACKENDS.update()
                .where(STATE_BACKENDS.c.uid == uid, STATE_BACKENDS.c.released_at.is_(None))
                .values(released_at=sa.func.now())
            )

        await self._database.run(work)

    async def others_in(self, record: StateBackendRecord) -> list[str]:
        """The environments whose states are in the same bucket: those that are not released, and those of other
        workspaces, whose versions are not this one's to delete."""
        query = sa.select(STATE_BACKENDS.c.environment).where(
            STATE_BACKENDS.c.bucket == record.bucket,
            STATE_BACKENDS.c.kind != StoreKind.GCS.value,
            STATE_BACKENDS.c.uid != record.uid,
            sa.or_(STATE_BACKENDS.c.released_at.is_(None), STATE_BACKENDS.c.workspace != record.workspace),
        )
        async with self._database.transaction() as connection:
            return list((await connection.scalars(query.order_by(STATE_BACKENDS.c.environment))).all())

    async def record_version(self, version: StateVersionRecord, lease_key: str) -> StateVersionRecord | None:
        """Records a version under the lease's present fence; None when the fence is a stale one."""

        async def work(connection: AsyncConnection) -> StateVersionRecord | None:
            if not await holds(connection, lease_key, version.fence):
                return None
            values = {
                name: getattr(version, name)
                for name in (
                    "uid",
                    "lineage",
                    "serial",
                    "etag",
                    "object_version",
                    "sha256",
                    "size_bytes",
                    "run",
                    "fence",
                    "resources",
                    "author",
                    "reason",
                    "restored",
                )
            }
            await connection.execute(insert(STATE_VERSIONS).values(**values).on_conflict_do_nothing())
            query = sa.select(STATE_VERSIONS).where(
                STATE_VERSIONS.c.uid == version.uid,
                STATE_VERSIONS.c.lineage == version.lineage,
                STATE_VERSIONS.c.serial == version.serial,
                STATE_VERSIONS.c.sha256 == version.sha256,
                STATE_VERSIONS.c.object_version == version.object_version,
            )
            return _version((await connection.execute(query)).one())

        return await self._database.run(work)

    async def versions(self, uid: str, *, before: int | None, limit: int) -> list[StateVersionRecord]:
        """Versions of a backend older than the one with id `before`, newest first."""
        query = sa.select(STATE_VERSIONS).where(STATE_VERSIONS.c.uid == uid)
        if before is not None:
            query = query.where(STATE_VERSIONS.c.id < before)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(STATE_VERSIONS.c.id.desc()).limit(limit))).all()
        return [_version(row) for row in rows]

    async def version(self, uid: str, identifier: int) -> StateVersionRecord | None:
        found = await self.versions(uid, before=identifier + 1, limit=1)
        return found[0] if found and found[0].id == identifier else None

    async def _select(self, *conditions: sa.ColumnElement[bool], limit: int) -> list[StateBackendRecord]:
        newest = (
            sa.select(STATE_VERSIONS.c.serial)
            .where(STATE_VERSIONS.c.uid == STATE_BACKENDS.c.uid)
            .order_by(STATE_VERSIONS.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            sa.select(STATE_BACKENDS, sa.func.coalesce(newest, 0).label("serial"))
            .where(*conditions)
            .order_by(STATE_BACKENDS.c.uid)
            .limit(limit)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).all()
        return [_backend(row) for row in rows]


def _backend(row: Row[Any]) -> StateBackendRecord:
    access = AwsAccess(row.account_id, row.region, row.role_arn, row.external_id) if row.role_arn else None
    return StateBackendRecord(
        row.uid,
        row.workspace,
        row.environment,
        row.bucket,
        row.key,
        row.region,
        row.released_at is not None,
        row.created_at,
        row.serial,
        access,
        StoreKind(row.kind),
        row.kms_key_arn,
        row.dynamodb_table,
        row.retention_days,
    )


def _version(row: Row[tuple[object, ...]]) -> StateVersionRecord:
    return StateVersionRecord(**dict(row._mapping))
