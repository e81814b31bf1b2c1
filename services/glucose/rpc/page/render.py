"""Messages in, a page out."""

from collections.abc import Sequence

from apricot.glucose.v1.report_pb2 import DayCurve, ProfileBin, ReportFormat, Summary

from services.glucose.rpc.page.compose import compose
from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.options import PageOptions
from services.glucose.rpc.page.sheet import Sheet


def draw(
    summary: Summary,
    bins: Sequence[ProfileBin],
    days: Sequence[DayCurve],
    options: PageOptions,
    before: Summary | None = None,
) -> Document:
    """Return the page, drawn."""
    document = Document(Sheet(), summary, bins, days, options, before)
    compose(document)
    return document


def render(
    summary: Summary,
    bins: Sequence[ProfileBin],
    days: Sequence[DayCurve],
    options: PageOptions,
    before: Summary | None = None,
) -> bytes:
    """Return the page as a PDF or PNG file."""
    document = draw(summary, bins, days, options, before)
    if options.format == ReportFormat.REPORT_FORMAT_PNG:
        return document.sheet.png()
    return document.sheet.pdf(document.words.title)
