"""A worker that freezes without a rest: `python -m tests.glucose.archive.freezing DATABASE_URL`."""

import asyncio
import sys
from uuid import uuid4

from kit.database import Database
from services.glucose.domain.months import months_before
from services.glucose.work import archiving
from tests.glucose.archive.shelf import NOW

if __name__ == "__main__":
    archiving._REST_SHARE = 0
    asyncio.run(archiving.freeze_round(Database(sys.argv[1], "glucose"), months_before(NOW.date(), 24), uuid4()))
