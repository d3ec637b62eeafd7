"""The SQL of resource changes and of deployments.

Writers hold the attempt's fence: they run inside `StepContext.write` or `emit`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.persistence import Database
from libs.stages import Attempt, AttemptRepository
from services.infra_engine.changes import Change, ChangeState, Intent, KeptPlan, Progress
from services.infra_engine.deployments import RUN_STAGES, Deployment
from services.infra_engine.impact import Impact
from services.infra_engine.tables import RESOURCE_CHANGES, STAGE_TABLES

_C = RESOURCE_CHANGES.c
_ATTEMPTS = STAGE_TABLES.attempts
_STEPS = STAGE_TABLES.steps.c
# The steps in which Terraform changes something in AWS.
_CHANGING_STEPS = ("apply", "destroy")


class ChangeRepository:
    """Changes of this service's attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, connection: AsyncConnection, attempt: str, changes: Sequence[Change]) -> KeptPlan:
        """Takes a plan in. One that goes on after a crash adds to what was planned before, and what was done stays.

        What was planned before and is not any more has come to be as planned, though nobody lived to see it.
        """
        addresses = [change.address for change in changes]
        await connection.execute(
            RESOURCE_CHANGES.update()
            .where(
                _C.attempt_id == attempt,
                _C.address.not_in(addresses),
                _C.state != ChangeState.RECONCILED.value,
            )
            .values(state=ChangeState.RECONCILED.value, error="", ended_at=sa.func.clock_timestamp())
        )
        start = await connection.scalar(
            sa.select(sa.func.coalesce(sa.func.max(_C.number), 0)).where(_C.attempt_id == attempt)
        )
        for number, change in enumerate(changes, start=(start or 0) + 1):
            planned = insert(RESOURCE_CHANGES).values(
                attempt_id=attempt,
                address=change.address,
                number=number,
                type=change.type,
                intent=change.intent.value,
                state=ChangeState.PLANNED.value,
                impact=change.impact.value,
            )
            again = planned.on_conflict_do_update(
                index_elements=["attempt_id", "address"],
                set_={
                    "intent": change.intent.value,
                    "state": ChangeState.PLANNED.value,
                    "impact": change.impact.value,
                    "error": "",
                    "started_at": None,
                    "ended_at": None,
                },
            )
            await connection.execute(again)
        rows = await connection.execute(sa.select(_C.address, _C.number).where(_C.attempt_id == attempt))
        numbers = {address: number for address, number in rows.tuples()}
        return KeptPlan((await self.progress(connection, [attempt]))[attempt], numbers)

    async def update(self, connection: AsyncConnection, attempt: str, change: Change) -> None:
        """Writes how far one change has come."""
        await connection.execute(
            RESOURCE_CHANGES.update()
            .where(_C.attempt_id == attempt, _C.address == change.address)
            .values(
                state=change.state.value,
                resource_id=change.resource_id,
                error=change.error,
                started_at=change.started_at,
                ended_at=change.ended_at,
            )
        )

    async def progress(self, connection: AsyncConnection, attempts: Sequence[str]) -> dict[str, Progress]:
        """How far each of the attempts has come."""
        done = sa.func.count().filter(_C.state == ChangeState.RECONCILED.value)
        query = sa.select(_C.attempt_id, done, sa.func.count()).where(_C.attempt_id.in_(attempts))
        rows = (await connection.execute(query.group_by(_C.attempt_id))).tuples()
        return {**dict.fromkeys(attempts, Progress(0, 0)), **{row[0]: Progress(row[1], row[2]) for row in rows}}

    async def progress_of(self, attempts: Sequence[str]) -> dict[str, Progress]:
        """How far each of the attempts has come, in a transaction of its own."""
        async with self._database.transaction() as connection:
            return await self.progress(connection, attempts)

    async def last_begun(self, uid: str) -> Attempt | None:
        """The newest attempt of an environment that began to change something in AWS; it may be one that runs.

        Before attempts kept that, the step in which they do it told: one that was begun and never ended was broken.
        """
        begun = _ATTEMPTS.c.data["apply_begun"].astext == _ATTEMPTS.c.id
        step = sa.select(_STEPS.step).where(
            _STEPS.attempt_id == _ATTEMPTS.c.id, _STEPS.step.in_(_CHANGING_STEPS), _STEPS.ended_at.is_(None)
        )
        untold = sa.and_(~_ATTEMPTS.c.data.has_key("apply_begun"), step.exists())
        repository = AttemptRepository(self._database, STAGE_TABLES)
        found = await repository.find_all(_ATTEMPTS.c.uid == uid, sa.or_(begun, untold), limit=1)
        return found[0] if found else None

    async def page(self, attempt: str, *, after: int, limit: int) -> list[Change]:
        """Changes of an attempt behind number `after`, in the order of the plan."""
        query = sa.select(RESOURCE_CHANGES).where(_C.attempt_id == attempt, _C.number > after)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(_C.number).limit(limit))).all()
        return [
            Change(
                row.address,
                Intent(row.intent),
                ChangeState(row.state),
                row.number,
                row.resource_id,
                row.error,
                row.started_at,
                row.ended_at,
                Impact(row.impact),
            )
            for row in rows
        ]


class DeploymentRepository:
    """Deployments, of which nothing is kept but their attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, workspace: str, uid: str) -> Deployment | None:
        found = await self._read(workspace, _ATTEMPTS.c.uid == uid, limit=1)
        return found[0] if found else None

    async def page(self, workspace: str, *, after: str, limit: int) -> list[Deployment]:
        """A workspace's deployments behind the uid `after`, by uid."""
        return await self._read(workspace, _ATTEMPTS.c.uid > after, limit=limit)

    async def _read(self, workspace: str, which: sa.ColumnElement[bool], *, limit: int) -> list[Deployment]:
        """Of each deployment the newest attempt, the first one's time and the newest outputs, in one statement."""
        uids = sa.select(_ATTEMPTS.c.uid).where(_ATTEMPTS.c.workspace == workspace, which, _is_run(_ATTEMPTS))
        page = uids.distinct().order_by(_ATTEMPTS.c.uid).limit(limit).subquery("page")
        run, old, built = (_ATTEMPTS.alias(name) for name in ("run", "old", "built"))

        def of_page(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
            return table.c.workspace == workspace, table.c.uid == page.c.uid, _is_run(table)

        newest = sa.select(run).where(*of_page(run)).order_by(*_newest_first(run)).limit(1).lateral("newest")
        first = sa.select(sa.func.min(old.c.created_at).label("time")).where(*of_page(old)).lateral("first")
        outputs = (
            sa.select(built.c.data["outputs"].label("values"))
            .where(*of_page(built), built.c.stage == "deployment", built.c.data.has_key("outputs"))
            .order_by(*_newest_first(built))
            .limit(1)
            .lateral("outputs")
        )
        source = page.join(newest, sa.true()).join(first, sa.true()).outerjoin(outputs, sa.true())
        query = sa.select(newest, first.c.time, outputs.c["values"].label("outputs")).select_from(source)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.order_by(page.c.uid))).all()
        return [
            Deployment(
                workspace=row.workspace,
                uid=row.uid,
                environment=row.environment,
                latest_revision=row.id,
                state=row.state,
                outputs={} if (row.stage, row.state) == ("destroy", "SUCCEEDED") else row.outputs or {},
                created_at=row.time,
            )
            for row in rows
        ]


def revisions_of(deployment: Deployment, *, older_than: Attempt | None) -> list[sa.ColumnElement[bool]]:
    """Which attempts are a deployment's revisions, and older than a given one."""
    columns = _ATTEMPTS.c
    conditions = [columns.workspace == deployment.workspace, columns.uid == deployment.uid, _is_run(_ATTEMPTS)]
    if older_than is not None:
        place = sa.tuple_(columns.created_at, columns.id)
        conditions.append(place < sa.tuple_(sa.literal(older_than.created_at), sa.literal(older_than.id)))
    return conditions


def _is_run(attempts: sa.FromClause) -> sa.ColumnElement[bool]:
    return attempts.c.stage.in_(RUN_STAGES)


def _newest_first(attempts: sa.FromClause) -> tuple[sa.ColumnElement[object], ...]:
    return attempts.c.created_at.desc(), attempts.c.id.desc()
