"""The code by which an order is handed over. It is made from the service's secret whenever it is asked for: stored
nowhere, told to the buyer alone."""

import hmac
from uuid import UUID

from services.pharmacy.domain.orders import State
from services.pharmacy.rpc.seeing import Seen

_PURPOSE = b"apricot.pharmacy hand-over code "
_DIGITS = 6
_SHOWN = (State.READY, State.ON_THE_WAY, State.UNDELIVERED)


class HandOver:
    """Makes codes and tells whether they are right."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def code(self, order_id: UUID) -> str:
        """An order's, six digits."""
        digest = hmac.digest(self._secret, _PURPOSE + order_id.bytes, "sha256")
        return f"{int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}}"

    def is_right(self, order_id: UUID, code: str) -> bool:
        """Whether this is the order's code; takes as long for a wrong one."""
        return hmac.compare_digest(self.code(order_id).encode(), code.encode())

    def shown(self, seen: Seen) -> str:
        """The code for who may see it now; empty for everybody else."""
        order = seen.order
        return self.code(order.order_id) if seen.is_buyer and State(order.state) in _SHOWN else ""
