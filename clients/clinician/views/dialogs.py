"""Dialogs that leave the windows free: nothing comes between a clinician and an alert."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QFileDialog


def show_beside(dialog: QDialog) -> None:
    """Show a dialog that blocks no window, so that the alarm bar takes clicks and keys meanwhile."""
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def name_parts(dialog: QFileDialog) -> None:
    """Name the parts of a file dialog in the app's language: Qt's own translation lacks some of them."""
    saves = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    for part, text in {
        QFileDialog.DialogLabel.LookIn: QCoreApplication.translate("Words", "Folder:"),
        QFileDialog.DialogLabel.FileName: QCoreApplication.translate("Words", "File name:"),
        QFileDialog.DialogLabel.FileType: QCoreApplication.translate("Words", "File type:"),
        QFileDialog.DialogLabel.Reject: QCoreApplication.translate("Words", "Cancel"),
        QFileDialog.DialogLabel.Accept: (
            QCoreApplication.translate("Words", "Save") if saves else QCoreApplication.translate("Words", "Open")
        ),
    }.items():
        dialog.setLabelText(part, text)
