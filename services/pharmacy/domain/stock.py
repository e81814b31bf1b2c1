"""What is on a shelf, and what of it orders hold."""


class BelowHeldError(Exception):
    """Orders hold more packs of a lot than there would be."""


def require_not_below_held(on_hand: int, held: int) -> None:
    """Errors: `BelowHeldError`."""
    if on_hand < held:
        raise BelowHeldError(f"orders hold {held} packs of this lot")
