"""A service's rows as JSON: written by one release, loaded by another into the schema that the first one had."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

Rows = dict[str, list[dict[str, Any]]]


async def dump(connection: AsyncConnection, metadata: sa.MetaData) -> Rows:
    """Every row, tables in the order in which they can be written; `alembic_version` tells the schema."""
    found: Rows = {}
    for name in ("alembic_version", *(table.name for table in metadata.sorted_tables)):
        query = sa.text(f'SELECT row_to_json(one)::text FROM "{name}" AS one')
        found[name] = [json.loads(row) for row in (await connection.execute(query)).scalars()]
    return {name: rows for name, rows in found.items() if rows}


async def load(connection: AsyncConnection, rows: Rows) -> None:
    """Writes rows into tables that are empty; what they number goes on behind them."""
    for name, ones in rows.items():
        columns = ", ".join(f'"{column}"' for column in ones[0])
        populated = f'SELECT {columns} FROM json_populate_record(NULL::"{name}", :row)'
        statement = sa.text(f'INSERT INTO "{name}" ({columns}) {populated}')
        statement = statement.bindparams(sa.bindparam("row", type_=sa.JSON))
        for one in ones:
            await connection.execute(statement, {"row": one})
        if "number" in ones[0] and name in ("environments", "operations"):
            sequence = f"pg_get_serial_sequence('{name}', 'number')"
            await connection.execute(sa.text(f'SELECT setval({sequence}, (SELECT max(number) FROM "{name}"))'))


def revision(rows: Rows) -> str:
    """The migration that the rows' schema was at; they are rid of it."""
    ((version,),) = (one.values() for one in rows.pop("alembic_version"))
    return str(version)


def write(path: Path, rows: Rows) -> None:
    """One row a line."""
    tables = [f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, ones)) + "\n]" for name, ones in rows.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(tables) + "}\n")


def read(path: Path) -> Rows:
    found: Rows = json.loads(path.read_text())
    return found
