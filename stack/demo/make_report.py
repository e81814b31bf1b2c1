"""Print a demo patient's report to `docs/report.png`, on a platform of its own: `python -m stack.demo.make_report`.

What is drawn came as in production: the diary uploaded by the patient's phone, the page asked of `RenderReport`.
"""

import asyncio
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apricot.glucose.v1.report_pb2 import REPORT_FORMAT_PNG, RenderReportRequest, ReportWindow

from clients.sdk import Apricot
from stack.demo import dataset
from stack.demo.accounts import PATIENT_PHONES
from stack.demo.entries import DiaryMaker
from stack.demo.lapse import SENSOR
from stack.demo.people import SignedIn
from stack.testing import temporary_platform

_DAYS = timedelta(days=14)
_PERSON = 5  # of `dataset.PEOPLE`: swings from low to high


async def print_report(file: Path) -> None:
    """The recorded fortnight, on its own dates."""
    person, phone = dataset.load()[_PERSON], PATIENT_PHONES[_PERSON]
    zone = ZoneInfo(person.zone)
    end = datetime.combine(person.entries[-1].time_local.date() + timedelta(days=1), time(), zone)
    async with temporary_platform(demo=True) as platform:
        apricot = Apricot(platform.gateway_address.removeprefix("http://"))
        owner = SignedIn(apricot, phone, print)
        await owner.sign_in()
        make = DiaryMaker(owner.account_id, person.zone, SENSOR)
        entries = [make.entry(line.time_local.replace(tzinfo=zone), line) for line in person.entries]
        await owner.session.upload(owner.account_id, entries)
        window = ReportWindow()
        window.range.start_time.FromDatetime(end - _DAYS)
        window.range.end_time.FromDatetime(end)
        page = await owner.session.reports.RenderReport(
            RenderReportRequest(
                patient_id=owner.account_id,
                window=window,
                format=REPORT_FORMAT_PNG,
                patient_name=person.name,
                patient_birth_date=f"{person.birth_year}",
            ),
            timeout=60,
        )
        file.write_bytes(page.content)
        await apricot.close()


if __name__ == "__main__":
    asyncio.run(print_report(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/report.png")))
