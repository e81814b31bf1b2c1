"""What stands above and below the ward: where it comes from, how fresh it is, and how to go on."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.cells import cell_len
from rich.text import Text

from clients.sdk import Phase, WatchState
from stack.demo import palette
from stack.demo.accounts import CLINICIAN_PHONE, CODE, PATIENT_PHONES, TOTP_SECRET

_LABEL = 12  # cells


@dataclass(frozen=True)
class Surroundings:
    """What the margins tell."""

    gateway: str
    """Its address, a URL."""
    logs: str
    clinician: str
    state: WatchState
    progress: tuple[int, int] | None = None
    """History entries loaded, and all of them."""
    no_alerts_since: datetime | None = None
    """Nobody looks for alerts since then."""


def header(around: Surroundings, now: datetime, width: int) -> Text:
    """Apricot, the gateway; whether it is live, and the time of day here."""
    left = Text(" ").append("杏林 Apricot", style=palette.APRICOT).append(f"  {around.gateway}", style=palette.QUIET)
    if width >= 110 and around.clinician:
        left.append(f"  {around.clinician}", style=palette.QUIET)
    right = connection(around.state)
    if around.no_alerts_since:
        right = Text(f"✗ no alerts since {clock(around.no_alerts_since)}   ", style=palette.BAD).append_text(right)
    right.append(f"   {clock(now)} ")
    room = width - cell_len(left.plain) - cell_len(right.plain)
    return left.append(" " * max(1, room)).append_text(right)


def connection(state: WatchState) -> Text:
    """As the watch has it."""
    until = f", complete until {clock(state.complete_until)}" if state.complete_until else ""
    match state.phase:
        case Phase.LIVE:
            return Text().append("● live", style=palette.GOOD).append(until, style=palette.QUIET)
        case Phase.CATCHING_UP:
            return Text().append("◌ catching up", style=palette.WAITING).append(until, style=palette.QUIET)
        case Phase.STALE:
            since = f" since {clock(state.complete_until)}" if state.complete_until else ""
            return Text().append(f"✗ stale{since}", style=palette.BAD)


def rule(width: int) -> Text:
    return Text("─" * width, style=palette.QUIET)


def progress_line(done: int, total: int, width: int) -> Text:
    """How far the history is loaded."""
    tail = f"  {done:,} / {total:,} "
    room = max(10, width - 1 - _LABEL - len(tail))
    filled = room * done // max(1, total)
    line = Text(" ").append("history".ljust(_LABEL), style=palette.QUIET)
    return (
        line.append("━" * filled, style=palette.APRICOT).append("─" * (room - filled), style=palette.QUIET).append(tail)
    )


def footer(around: Surroundings, width: int) -> list[Text]:
    """How to sign in, to call the gateway with a generic client, to find the logs, to stop."""
    first, last = PATIENT_PHONES[0], PATIENT_PHONES[-1][-2:]
    call = ["buf curl --protocol grpc --http2-prior-knowledge", f"--list-methods {around.gateway}"]
    if around.gateway.startswith("https:"):
        call[0] = "buf curl --protocol grpc --insecure"
    lines = [
        ("sign in", f"patients {first} … {last}, clinician {CLINICIAN_PHONE}, code {CODE}"),
        ("2nd factor", f"{TOTP_SECRET} (the clinician's TOTP secret)"),
    ]
    whole = " ".join(call)
    if 1 + _LABEL + len(whole) < width:
        lines.append(("call it", whole))
    else:
        lines += [("call it", call[0] + " \\"), ("", "  " + call[1])]
    lines.append(("logs", around.logs))
    texts = [Text(" ").append(label.ljust(_LABEL), style=palette.QUIET).append(text) for label, text in lines]
    stop = "Ctrl-C stops it all "
    room = width - cell_len(texts[-1].plain) - len(stop)
    if room > 0:
        texts[-1].append(" " * room + stop, style=palette.QUIET)
    for text in texts:
        text.truncate(width, overflow="ellipsis")
    return texts


def clock(time: datetime) -> str:
    """The time of day where this machine is."""
    return f"{time.astimezone(UTC).astimezone():%H:%M:%S}"
