"""The app's words in other languages: `.ts` files, one for each room of `views/`, made to `.qm` by `make`.

python -m clients.clinician.translations           # make the .qm
python -m clients.clinician.translations --update  # take new words from the code into the .ts first
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from clients.clinician.models.settings import Language

FOLDER = Path(__file__).parent
_installed: list[QTranslator] = []


def speak(application: QCoreApplication, choice: Language) -> None:
    """Show this language from now on: in windows made after this."""
    for translator in _installed:
        application.removeTranslator(translator)
    _installed.clear()
    if resolved(choice) is Language.CHINESE:
        for path in [*sorted(FOLDER.glob("*_zh.qm")), _of_qt("qtbase_zh_CN.qm")]:
            translator = QTranslator(application)
            if translator.load(str(path)):
                application.installTranslator(translator)
                _installed.append(translator)


def resolved(choice: Language) -> Language:
    """The clinician's, or the desktop's own."""
    if choice is not Language.SYSTEM:
        return choice
    chinese = QLocale.system().language() is QLocale.Language.Chinese
    return Language.CHINESE if chinese else Language.ENGLISH


def _of_qt(name: str) -> Path:
    return Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / name
