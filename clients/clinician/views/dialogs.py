"""Dialogs that leave the windows free: nothing comes between a clinician and an alert."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog


def show_beside(dialog: QDialog) -> None:
    """Show a dialog that blocks no window, so that the alarm bar takes clicks and keys meanwhile."""
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
