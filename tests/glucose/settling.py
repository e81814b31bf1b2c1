"""A worker that keeps the daily figures, a day at a time: `python -m tests.glucose.settling DATABASE_URL`."""

import asyncio
import sys

from kit.database import Database
from services.glucose.work import days

if __name__ == "__main__":
    days._MOST = 1
    asyncio.run(days.keep_days(Database(sys.argv[1], "glucose")))
