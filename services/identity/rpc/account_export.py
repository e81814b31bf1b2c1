"""An account as a file of JSON Lines."""

import json
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from kit.database import Database
from kit.errors import not_found
from services.identity.rpc.convert import access_event_message, account_message, grant_message, licence_message
from services.identity.store import accounts, exports
from services.identity.store.exports import Kept
from services.identity.store.tables import Account


async def export_account(database: Database, account_id: UUID, now: datetime) -> AsyncIterator[bytes]:
    """The file, part by part. Errors: NOT_FOUND."""
    async with database.transaction() as session:
        account = await accounts.by_id(session, account_id)
    if account is None:
        raise not_found("account")
    async for part in record_of(database, account, now):
        yield part


async def record_of(database: Database, account: Account, now: datetime) -> AsyncIterator[bytes]:
    """The same of an account that may be deleted."""
    account_id = account.account_id
    async with database.transaction() as session:
        held = await accounts.roles_of(session, account_id, now)
        message = account_message(account, held, await accounts.has_second_factor(session, account_id))
        kept = await exports.kept(session, account_id)
    yield _lines([("export", {"accountId": str(account_id), "createTime": now}), ("account", message), *_kept(kept)])
    async for page in exports.access_events(database, account_id):
        yield _lines(("access_event", access_event_message(event, name)) for event, name in page)


def _kept(kept: Kept) -> Iterable[tuple[str, Message | dict[str, Any]]]:
    for licence in kept.licences:
        yield "licence", licence_message(licence)
    for scan in kept.scans:
        yield (
            "licence_scan",
            {"licenceId": str(scan.licence_id), "scanId": str(scan.scan_id), "createTime": scan.create_time},
        )
    for membership, name in kept.memberships:
        yield (
            "membership",
            {"organization": name, "manager": membership.manager, "createTime": membership.create_time},
        )
    for session in kept.sessions:
        yield (
            "session",
            {"deviceName": session.device_name, "createTime": session.create_time, "endTime": session.end_time},
        )
    for device in kept.devices:
        yield "device", {"platform": device.platform, "name": device.name, "createTime": device.create_time}
    for grant in kept.grants_given:
        yield "grant_given", grant_message(grant, "")
    for grant in kept.grants_held:
        yield "grant_held", grant_message(grant, "")
    for invite in kept.invites:
        yield (
            "invite",
            {"scopes": invite.scopes, "createTime": invite.create_time, "acceptTime": invite.accept_time},
        )
    for handed in kept.hand_overs:
        yield "hand_over", {"reason": handed.reason, "createTime": handed.create_time}
    for key in kept.doctor_keys:
        yield (
            "signing_key",
            {"publicKey": key.public_key.hex(), "startTime": key.start_time, "endTime": key.end_time},
        )


def _lines(records: Iterable[tuple[str, Message | dict[str, Any]]]) -> bytes:
    return b"".join(
        json.dumps({"kind": kind, "record": _plain(record)}, ensure_ascii=False, default=_text).encode() + b"\n"
        for kind, record in records
    )


def _plain(record: Message | dict[str, Any]) -> dict[str, Any]:
    return MessageToDict(record) if isinstance(record, Message) else record


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
