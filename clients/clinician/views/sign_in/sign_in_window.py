"""The window before all others: who is there?"""

from apricot.errors.v1.reason_pb2 import Reason
from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from clients.clinician.models.saved_session import Keeping
from clients.clinician.models.sign_in import Cause, SignIn, Step, Why
from clients.clinician.views import words
from clients.clinician.views.parts import button, card, column, label, row
from clients.clinician.views.theme import SPACE

_WIDTH = 400
_TYPED = {Step.PHONE, Step.CODE, Step.PASSWORD, Step.SECOND_FACTOR}


class SignInWindow(QWidget):
    """One field at a time, what is wrong right below it, and one thing to press."""

    closed = Signal()

    def __init__(self, sign_in: SignIn) -> None:
        super().__init__()
        self._sign_in = sign_in
        self._step: Step | None = None
        self.setWindowTitle(self.tr("Apricot 杏林"))
        self._why = label(role="muted", wraps=True)
        self._prompt = label(wraps=True)
        self.field = QLineEdit()
        self.field.returnPressed.connect(self._go_on)
        self.field.textEdited.connect(self._show)
        self.problem = label(role="problem", wraps=True)
        self._note = label(role="muted", wraps=True)
        self.stay = QCheckBox(self.tr("Stay signed in on this computer"))
        self.stay.setToolTip(self.tr("It then opens locked and asks only for your authenticator's code."))
        self.kept = label(role="muted", wraps=True)
        self.go_on = button("", self._go_on, "primary")
        self._password = button(self.tr("Use my password instead"), self._use_password, "quiet")
        self._again = button("", self._send_again, "quiet")
        self._back = button(self.tr("Another account"), sign_in.back, "quiet")
        title = label(self.tr("Apricot 杏林"), "title")
        box = card(
            title,
            self._why,
            self._prompt,
            self.field,
            self.problem,
            self._note,
            self.stay,
            self.kept,
            self.go_on,
            self._password,
            self._again,
            self._back,
            spacing=SPACE + 4,
        )
        box.setFixedWidth(_WIDTH)
        self.setLayout(column(None, row(None, box, None), None))
        self.resize(720, 620)
        sign_in.changed.connect(self._show)
        self._show()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _go_on(self) -> None:
        if not self.go_on.isEnabled():
            return
        text, stay = self.field.text(), self.stay.isChecked()
        match self._sign_in.step:
            case Step.PHONE:
                self._sign_in.send_code(text)
            case Step.CODE:
                self._sign_in.give_code(text, stay=stay)
            case Step.PASSWORD:
                self._sign_in.give_password(text, stay=stay)
            case Step.SECOND_FACTOR:
                self._sign_in.give_second_factor(text, stay=stay)

    def _use_password(self) -> None:
        if self._sign_in.step is Step.PHONE:
            self._sign_in.use_password(self.field.text())
        else:
            self._sign_in.use_password(self._sign_in.phone)

    def _send_again(self) -> None:
        self._sign_in.send_code(self._sign_in.phone)

    def _show(self) -> None:
        now = self._sign_in
        if now.step is not self._step:
            self._step = now.step
            self._enter(now.step)
        typed = now.step in _TYPED
        for widget in self.field, self.go_on:
            widget.setVisible(typed)
        self.field.setReadOnly(now.busy)
        asks_to_stay = typed and now.step is not Step.PHONE
        self.stay.setVisible(asks_to_stay)
        self.stay.setEnabled(now.keeping is not Keeping.IMPOSSIBLE)
        if now.keeping is Keeping.IMPOSSIBLE:
            self.stay.setChecked(False)
        self._password.setVisible(now.step in (Step.PHONE, Step.CODE))
        self._password.setEnabled(not now.busy)
        self._again.setVisible(now.step is Step.CODE)
        self._back.setVisible(now.step is not Step.PHONE)
        again = self.tr("Send another code in {seconds} s").format(seconds=now.resend_seconds)
        self._again.setText(again if now.resend_seconds else self.tr("Send another code"))
        self._again.setEnabled(not now.busy and not now.resend_seconds)
        self.go_on.setEnabled(self._complete() and not now.busy and not now.wait_seconds)
        self._tell(self._why, self._why_text())
        self._tell(self.problem, self._problem_text())
        self._tell(self._note, self._note_text())
        self._tell(self.kept, self._kept_text() if asks_to_stay else "")

    def _enter(self, step: Step) -> None:
        prompts = {
            Step.PHONE: (self.tr("Your phone number"), self.tr("Send a code")),
            Step.CODE: (self.tr("The code sent to {phone}").format(phone=self._sign_in.phone), self.tr("Sign in")),
            Step.PASSWORD: (self.tr("The password of {phone}").format(phone=self._sign_in.phone), self.tr("Sign in")),
            Step.SECOND_FACTOR: (self.tr("The code of your authenticator app"), self.tr("Sign in")),
            Step.WAITING: (self.tr("Signing in …"), ""),
        }
        prompt, go_on = prompts[step]
        self._prompt.setText(prompt)
        self.go_on.setText(go_on)
        self.go_on.setAccessibleName(go_on)
        self.field.setAccessibleName(prompt)
        self.field.setMaxLength({Step.PHONE: 24, Step.PASSWORD: 128}.get(step, 6))
        hidden = QLineEdit.EchoMode.Password if step is Step.PASSWORD else QLineEdit.EchoMode.Normal
        self.field.setEchoMode(hidden)
        self.field.setPlaceholderText("+86 138 0013 8000" if step is Step.PHONE else "")
        self.field.setText(self._sign_in.phone if step is Step.PHONE else "")
        self.field.setFocus()

    def _complete(self) -> bool:
        text = self.field.text()
        if self._sign_in.step in (Step.CODE, Step.SECOND_FACTOR):
            return len(text) == 6 and text.isascii() and text.isdigit()
        return len(text) >= 8 if self._sign_in.step is Step.PASSWORD else bool(text.strip())

    def _why_text(self) -> str:
        return {
            Why.START: "",
            Why.SESSION_ENDED: self.tr("Your session has ended. Sign in again: your windows and drafts are kept."),
            Why.SIGNED_OUT: self.tr("You are signed out."),
        }[self._sign_in.why]

    def _note_text(self) -> str:
        if self._sign_in.step is Step.WAITING and self._sign_in.wait_seconds:
            text = self.tr("A one-time code works once. The demo's next code comes in {seconds} s.")
            return text.format(seconds=self._sign_in.wait_seconds)
        return ""

    def _kept_text(self) -> str:
        return {
            Keeping.POSSIBLE: "",
            Keeping.FAILED: self.tr(
                "The last time, this computer's keychain did not take your session. You can try again."
            ),
            Keeping.IMPOSSIBLE: self.tr(
                "This computer has no open keychain to keep your session in, so you sign in each time."
            ),
        }[self._sign_in.keeping]

    def _problem_text(self) -> str:
        refusal = self._sign_in.refusal
        if refusal is None:
            return ""
        match refusal.cause:
            case Cause.PHONE_MALFORMED:
                return self.tr("Not a valid phone number. Write it with the country code, such as +86 138 0013 8000.")
            case Cause.NOT_A_CLINICIAN:
                return self.tr("This account does not belong to a clinician. The app is for clinicians only.")
            case Cause.SECOND_FACTOR_MISSING:
                return self.tr("This account has no second factor yet. Set one up first: without it you cannot treat.")
        assert refusal.error is not None  # noqa: S101  of a refusal by the platform
        match refusal.error.reason:
            case Reason.REASON_CREDENTIALS_INVALID if self._sign_in.step is Step.PASSWORD:
                return self.tr("Phone and password do not match.")
            case Reason.REASON_CREDENTIALS_INVALID:
                return self.tr("This code is wrong, or has expired.")
            case Reason.REASON_SECOND_FACTOR_INVALID:
                return self.tr("This code is wrong, or was used before. Wait for the next one.")
            case Reason.REASON_RATE_LIMITED if self._sign_in.wait_seconds:
                wait = self.tr("Too many tries. Wait {seconds} s, then try again.")
                return wait.format(seconds=self._sign_in.wait_seconds)
            case Reason.REASON_RATE_LIMITED:
                return self.tr("You can try again now.")
            case _:
                return words.problem(refusal.error)

    @staticmethod
    def _tell(where: QWidget, text: str) -> None:
        if where.property("text") != text:
            where.setProperty("text", text)
            where.setAccessibleName(text)
        where.setVisible(bool(text))
