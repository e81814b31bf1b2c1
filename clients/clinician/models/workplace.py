"""The models that live as long as the clinician is signed in, and those of the patients that are open."""

from clients.clinician.models.desk import Desk


class Workplace:
    """What the windows are made from."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def open(self) -> None:
        """Begin to be live."""
        self.desk.open()

    async def close(self) -> None:
        """Leave; nothing typed is lost."""
        await self.desk.close()
