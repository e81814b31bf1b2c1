"""The command `apricot`."""

import asyncio
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from stack.board import Board
    from stack.platform import Platform
    from stack.settings import StackSettings

# `up` races the user's patience: whatever only one command needs is imported inside that command.
app = typer.Typer(help="Apricot: telemedicine and chronic care, live.", no_args_is_help=True)

NOT_RUNNING = 3
NOT_INSTALLED = 4

State = Annotated[Path | None, typer.Option("--state", help="The folder of its data, logs and secrets.")]


@app.command()
def up(
    demo: Annotated[bool | None, typer.Option(help="Fill it with patients and show them live.")] = None,
    replicas: Annotated[int | None, typer.Option(min=1, help="Copies of the glucose service.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Just this part; may be repeated.")] = None,
    state: State = None,
) -> None:
    """Run the whole platform on this machine until Ctrl-C."""
    from stack.board import Board, LiveBoard
    from stack.demo.lapse import SECONDS_PER_MINUTE
    from stack.platform import PARTS, Platform

    if unknown := set(only or ()) - set(PARTS):
        raise typer.BadParameter(f"{', '.join(unknown)}; the parts are {', '.join(PARTS)}")
    board = LiveBoard() if sys.stdout.isatty() else Board()
    settings = load_settings(demo=demo, glucose_replicas=replicas, state_dir=state)
    if settings.demo and settings.seconds_per_minute is None:
        settings.seconds_per_minute = SECONDS_PER_MINUTE
    platform = Platform(settings, parts=only or PARTS, listener=board)
    raise typer.Exit(asyncio.run(_up(platform, board)))


@app.command()
def status(state: State = None) -> None:
    """Show whether the platform runs, and where its parts answer. Exit code 3: it does not run."""
    from stack.leftovers import recall
    from stack.state import StateFolder

    folder = StateFolder(load_settings(state_dir=state).state_dir)
    running = folder.running()
    if running is None:
        typer.echo(f"no platform runs on {folder.path}")
        raise typer.Exit(NOT_RUNNING)
    typer.echo(f"a platform runs on {folder.path}, process {running.pid}")
    for part, address in running.addresses.items():
        process = recall(folder.pid_file(part))
        pid = str(process.pid) if process else "down"
        typer.echo(f"{part:<11} {pid:>8}   {address}")


@app.command()
def clinician(
    gateway: Annotated[str | None, typer.Option(metavar="HOST[:PORT]", help="Where; else the platform here.")] = None,
    tls: Annotated[bool | None, typer.Option(help="With --gateway: TLS, as always but on this machine.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Root certificates to trust (PEM), not the system's.")] = None,
    state: State = None,
) -> None:
    """Open the clinician's app. Exit code 3: no platform runs here. 4: libraries are missing, or there is no screen."""
    if find_spec("PySide6") is None or find_spec("qasync") is None:
        typer.echo("apricot: the app's libraries are not installed; `make clinician` installs them", err=True)
        raise typer.Exit(NOT_INSTALLED)
    _require_screen()
    typer.echo("apricot: loading the app's libraries", err=True)
    from stack.attended import Attended
    from stack.clinician import here, open_app, there
    from stack.state import StateFolder

    if gateway is not None:
        typer.echo(f"apricot: opening the app on {gateway}", err=True)
        raise typer.Exit(open_app(there(gateway, tls, ca)))
    settings = load_settings(state_dir=state)
    running = StateFolder(settings.state_dir).running()
    if running is None or running.gateway_address is None:
        typer.echo(
            f"apricot: no platform runs on {settings.state_dir.resolve()}: `make run` starts one, "
            "`--gateway` names another",
            err=True,
        )
        raise typer.Exit(NOT_RUNNING)
    typer.echo(f"apricot: opening the app on {running.gateway_address}", err=True)
    with Attended(settings.state_dir).hold():
        raise typer.Exit(open_app(here(running, ca)))


def _require_screen() -> None:
    """Raise Exit(4), saying what to install, where Qt would abort without a word of help."""
    from stack import qt_libraries

    if packages := qt_libraries.lacking():
        typer.echo(
            "apricot: this system lacks libraries that the app's windows need. On Debian or Ubuntu:\n"
            f"  sudo apt-get install {' '.join(packages)}",
            err=True,
        )
        raise typer.Exit(NOT_INSTALLED)
    if not qt_libraries.has_display():
        typer.echo("apricot: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set)", err=True)
        raise typer.Exit(NOT_INSTALLED)


backup = typer.Typer(help="Back the whole platform up, while it runs.", invoke_without_command=True)
app.add_typer(backup, name="backup")


@backup.callback()
def back_up(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="The folder to write; by default, one named by the instant.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Without a key: whoever has the folder reads it.")] = False,
    state: State = None,
) -> None:
    """Back up databases, streams and objects, consistent with each other. The platform is the one that the environment
    names (APRICOT_DATABASE_URL, APRICOT_NATS_URL, APRICOT_OBJECT_STORE_URL), or else the one on the state folder; the
    key, APRICOT_BACKUP_KEY, is age's. Exit codes: 1 failed, 5 refused."""
    if context.invoked_subcommand is None:
        from operations.commands import back_up

        raise typer.Exit(back_up(load_settings(state_dir=state), to, plain=plain))


@backup.command("verify")
def verify_backup(folder: Path) -> None:
    """Read a backup through, without restoring it. Exit codes: 1 failed, 5 refused."""
    from operations.commands import verify

    raise typer.Exit(verify(folder))


@app.command()
def restore(
    folder: Path,
    replace: Annotated[bool, typer.Option("--replace", help="What is in the target is lost.")] = False,
    streams_only: Annotated[
        bool, typer.Option("--streams-only", help="Keep the databases, which went back in time by other means.")
    ] = False,
    state: State = None,
) -> None:
    """Make a platform from a backup, where none runs, and say whether it is the same. Exit codes: 1 failed, 5 refused:
    nothing was written."""
    from operations.commands import bring_back

    raise typer.Exit(bring_back(load_settings(state_dir=state), folder, replace=replace, streams_only=streams_only))


@app.command("hand-over")
def hand_over(
    patient: Annotated[UUID, typer.Option(help="Whose data; the account may be deleted.")],
    by: Annotated[UUID, typer.Option(help="The admin who hands over.")],
    reason: Annotated[str, typer.Option(help="Why, such as an authority's file number. The patient can read it.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    state: State = None,
) -> None:
    """Write everything that is kept of one person into a folder, for an authority; it goes into the audit. The platform
    is found as by `backup`; where it is not on a state folder, it needs APRICOT_IDENTITY_KEY and APRICOT_SEALING_KEYS.
    Exit codes: 1 failed, 5 refused."""
    from operations.commands import hand
    from operations.hand_over import Wanted

    raise typer.Exit(hand(load_settings(state_dir=state), Wanted(patient, by, reason), out))


def load_settings(**given: object) -> "StackSettings":
    """Return them from the environment, except what the command line gave. Raise `typer.BadParameter`."""
    from pydantic import ValidationError

    from stack.settings import StackSettings

    try:
        return StackSettings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise typer.BadParameter("; ".join(one["msg"] for one in error.errors())) from error


async def _up(platform: "Platform", board: "Board") -> int:
    """The first signal stops all in order; one that comes while it stops makes it sudden."""
    run = asyncio.create_task(_run(platform, board))

    def on_signal() -> None:
        if platform.stopping:
            platform.kill()
        else:
            board.say("stopping; once more makes it sudden")
            run.cancel()

    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return await run


async def _run(platform: "Platform", board: "Board") -> int:
    from stack.events import PartFailed
    from stack.state import StateInUse

    began = time.monotonic()
    try:
        with board.starting():
            await (platform.begin() if platform.settings.demo else platform.start())
        board.say(f"ready after {time.monotonic() - began:.2f} s{_gateway_note(platform)}")
        if platform.settings.demo:
            from stack.demo.run import run_demo

            await run_demo(platform, board)
        return await asyncio.Future()
    except asyncio.CancelledError:
        return 0
    except StateInUse as error:
        board.say(f"apricot: {error}")
        return 1
    except PartFailed as failure:
        board.say(f"{failure.log_tail}\napricot: {failure}")
        return 1
    finally:
        await platform.stop()


def _gateway_note(platform: "Platform") -> str:
    gateway, wanted = platform.plan.gateway, platform.settings.gateway_port
    if gateway is None:
        return ""
    taken = "" if not wanted or gateway.address.endswith(f":{wanted}") else f" (port {wanted} is taken)"
    return f": {gateway.address}{taken}"


# `up` does without it: its imports would take a second from every start.
if sys.argv[1:2] != ["up"] and find_spec("services.identity.admin"):
    from services.identity.admin import app as admin

    app.add_typer(admin, name="admin")
    Phone = Annotated[str, typer.Argument(help="The account's phone, such as +8613800138000.")]
    Emergency = Annotated[bool, typer.Option("--emergency", help="Though other administrators could; they are told.")]

    @admin.command("reset-second-factor")
    def reset_second_factor(phone: Phone, emergency: Emergency = False, state: State = None) -> None:
        """Remove a lost second factor, on this machine, where administrators are missing: the last one has lost theirs,
        or the only other one has proposed it. The owner is told. Exit codes: 1 failed, 5 refused."""
        raise typer.Exit(_stand_in("reset_second_factor", phone, emergency, state))

    @admin.command("make-admin")
    def make_admin(phone: Phone, emergency: Emergency = False, state: State = None) -> None:
        """Make an account an administrator's, on this machine, where administrators are missing: there is none, or the
        only one has proposed it. The owner is told. Exit codes: 1 failed, 5 refused."""
        raise typer.Exit(_stand_in("give_admin", phone, emergency, state))

    def _stand_in(kind: str, phone: str, emergency: bool, state: Path | None) -> int:
        from operations.commands import do_for_administrators
        from operations.stand_in import Wanted
        from services.identity.domain.account_changes import Kind

        return do_for_administrators(load_settings(state_dir=state), Wanted(Kind(kind), phone, emergency))


if __name__ == "__main__":
    app()
