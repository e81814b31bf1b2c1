"""How a page is asked for."""

from dataclasses import dataclass
from datetime import datetime

from apricot.glucose.v1.report_pb2 import ReportFormat


@dataclass(frozen=True, slots=True)
class PageOptions:
    """Enumerations are numbered as in the contract."""

    language: int = 0
    """`ReportLanguage`; unspecified is English."""
    format: int = 0
    """`ReportFormat`; unspecified is PDF."""
    unit: int = 0
    """`GlucoseUnit`; unspecified is mg/dL."""
    patient_name: str = ""
    birth_date: str = ""
    """ISO 8601, or the year alone; empty: unknown."""
    record_number: str = ""
    made_at: datetime | None = None
    """An aware instant to print; none: not printed."""

    @property
    def media_type(self) -> str:
        """Of the file."""
        return "image/png" if self.format == ReportFormat.REPORT_FORMAT_PNG else "application/pdf"
