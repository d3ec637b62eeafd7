"""This service's tables: those of every stage, and nothing more."""

import sqlalchemy as sa

from libs.stages import StageTables

METADATA = sa.MetaData()
STAGE_TABLES = StageTables.define(METADATA)
