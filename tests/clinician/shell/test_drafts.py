"""What was typed survives: crashes, other keys, broken files."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtWidgets import QApplication

from clients.clinician.models.drafts import KEPT_SECONDS, Drafts, draft_key
from clients.clinician.models.keychain import Keychain
from tests.clinician.shell.conftest import MemoryKeyring
from tests.kit.running import until

KEY = Fernet.generate_key()
_TYPIST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from clients.clinician.models.drafts import Drafts
application = QCoreApplication([])
drafts = Drafts(Path(sys.argv[1]), "doctor", sys.argv[2].encode())
text = ""
def press():
    global text
    text += "字"
    drafts.put("note", text)
    print(len(text), flush=True)
timer = QTimer(interval=20)
timer.timeout.connect(press)
timer.start()
application.exec()
"""


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.draft"))


@pytest.mark.usefixtures("application")
async def test_a_kill_takes_at_most_the_last_second(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _TYPIST, str(tmp_path), KEY.decode(), stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    loop, pressed = asyncio.get_running_loop(), dict[int, float]()
    while len(pressed) < 130:  # 20 ms each: several writes
        pressed[int(await child.stdout.readline())] = loop.time()
    killed = loop.time()
    child.send_signal(signal.SIGKILL)
    await child.wait()
    kept = Drafts(tmp_path, "doctor", KEY).get("note")
    assert kept is not None
    assert set(kept) == {"字"}
    assert len(kept) >= max(count for count, instant in pressed.items() if instant < killed - 1.0)


@pytest.mark.usefixtures("application")
async def test_it_is_written_soon_without_a_word(tmp_path: Path) -> None:
    Drafts(tmp_path, "doctor", KEY).put("note", "not kept: nobody holds this one")
    drafts = Drafts(tmp_path, "doctor", KEY)
    drafts.put("note", "血糖")
    await until(lambda: bool(_files(tmp_path)))
    assert Drafts(tmp_path, "doctor", KEY).get("note") == "血糖"


def test_nothing_can_be_read_by_others(qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    drafts = Drafts(folder, "doctor", KEY)
    drafts.put("patient-7/note", "hypo at night")
    drafts.flush()
    (file,) = _files(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (file.parent, folder)} == {0o700}
    assert b"hypo" not in file.read_bytes()
    assert "patient" not in str(file.relative_to(folder))
    assert [each for each in folder.rglob("*") if each.is_file()] == [file], "no file is left aside"


def test_accounts_and_keys_do_not_meet(qapp: QApplication, tmp_path: Path) -> None:
    mine = Drafts(tmp_path, "mine", KEY)
    mine.put("note", "mine")
    mine.flush()
    assert Drafts(tmp_path, "hers", KEY).get("note") is None
    foreign = Drafts(tmp_path, "mine", Fernet.generate_key())
    assert foreign.get("note") is None
    foreign.put("note", "with another key")
    foreign.flush()
    assert Drafts(tmp_path, "mine", KEY).get("note") == "mine"


@given(st.binary(max_size=300))
def test_a_broken_file_is_as_if_it_were_not_there(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("drafts")
    drafts = Drafts(folder, "doctor", KEY)
    drafts.put("note", "whole")
    drafts.flush()
    _files(folder)[0].write_bytes(content)
    again = Drafts(folder, "doctor", KEY)
    assert again.get("note") is None
    again.put("note", "anew")
    again.flush()
    assert Drafts(folder, "doctor", KEY).get("note") == "anew"


def test_what_is_dropped_or_old_is_gone(qapp: QApplication, tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, "doctor", KEY)
    for key in "sent", "old", "new":
        drafts.put(key, key)
    drafts.flush()
    drafts.drop("sent")
    assert drafts.get("sent") is None
    assert len(_files(tmp_path)) == 2
    file = drafts._file("old")
    long_ago = file.stat().st_mtime - KEPT_SECONDS - 60
    os.utime(file, (long_ago, long_ago))
    later = Drafts(tmp_path, "doctor", KEY)
    assert later.get("old") is None
    assert later.get("new") == "new"
    assert len(_files(tmp_path)) == 1


def test_a_full_disk_loses_nothing_typed(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "drafts").write_text("where the folder should be")
    drafts = Drafts(tmp_path / "drafts", "doctor", KEY)
    drafts.put("note", "typed")
    drafts.flush()
    assert drafts.get("note") == "typed"
    (tmp_path / "drafts").unlink()
    drafts.flush()
    assert Drafts(tmp_path / "drafts", "doctor", KEY).get("note") == "typed"


async def test_the_key_lies_in_the_keychain(memory_keyring: MemoryKeyring, tmp_path: Path) -> None:
    keychain = Keychain()
    key = await draft_key(keychain, tmp_path)
    assert key.decode() in memory_keyring.kept.values()
    assert await draft_key(keychain, tmp_path) == key
    assert not (tmp_path / "key").exists()


async def test_without_a_keychain_the_key_lies_in_a_private_file(
    memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keychain = Keychain()
    with monkeypatch.context() as without:
        without.setattr("keyring.get_password", NoKeyring().get_password)
        without.setattr("keyring.set_password", NoKeyring().set_password)
        key = await draft_key(keychain, tmp_path)
        assert await draft_key(keychain, tmp_path) == key
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert await draft_key(keychain, tmp_path) == key, "a keychain that comes takes the key over"
    assert key.decode() in memory_keyring.kept.values()
    assert not (tmp_path / "key").exists()
