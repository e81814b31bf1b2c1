"""How a window ends."""

from PySide6.QtWidgets import QWidget


def ended_by_qt(window: QWidget) -> None:
    """Keep a window that stands alone until it was closed, and Qt has destroyed it.

    Python would destroy it with the last that knows of it: under one of the window's own events, or, where that is the
    slot of a button in it, within the end of the button, and the button within the end of the window once more.
    """
    window.destroyed.connect(lambda: window)
