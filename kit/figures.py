"""Figures of what waits in a database, for operators: asked for again and again, shown at `/metrics`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import asyncpg
from prometheus_client import Gauge

from kit.database import Database
from kit.rounds import every

_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Figure:
    """A gauge, and the query whose rows are its labels and then its value."""

    gauge: Gauge
    query: str

    def show(self, rows: Sequence[asyncpg.Record]) -> None:
        """What was found; labels that were not found any more are gone."""
        if self._is_single:
            self.gauge.set(rows[0][0])
            return
        self.gauge.clear()
        for *labels, value in rows:
            self.gauge.labels(*labels).set(value)

    def hide(self) -> None:
        """Nobody knows: better nothing than what was."""
        if self._is_single:
            self.gauge.set(nan)
        else:
            self.gauge.clear()

    @property
    def _is_single(self) -> bool:
        return not self.gauge._labelnames


async def keep_figures(database: Database, *figures: Figure) -> None:
    """Keep them up to date, until cancelled."""

    async def look() -> None:
        try:
            async with database.connection() as connection:
                found = [await connection.fetch(figure.query) for figure in figures]
        except BaseException:
            for figure in figures:
                figure.hide()
            raise
        for figure, rows in zip(figures, found, strict=True):
            figure.show(rows)

    await every(_EVERY_SECONDS, look, "the look at what waits")
