"""The Python client of Apricot: async, typed, and calm when the network is not.

async with Apricot("127.0.0.1:8080") as apricot:
    session = await apricot.sign_in_with_code(phone, code)
    async for update in session.watch(patient_ids):
        ...

Requests and answers are the contract's own messages (`apricot.glucose.v1`, `apricot.identity.v1`).
"""

from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk.call import SignalChannel, Switchboard
from clients.sdk.client import Apricot
from clients.sdk.conversation import Conversation
from clients.sdk.entries import Recorder
from clients.sdk.errors import ApricotError, FieldViolation
from clients.sdk.inbox import InboxWatch
from clients.sdk.order_watch import OrderWatch
from clients.sdk.pace import Pace
from clients.sdk.resuming import Phase
from clients.sdk.session import Session
from clients.sdk.tokens import SavedSession
from clients.sdk.watch import Watch, WatchState

__all__ = [
    "Apricot",
    "ApricotError",
    "Conversation",
    "FieldViolation",
    "InboxWatch",
    "OrderWatch",
    "Pace",
    "Phase",
    "Reason",
    "Recorder",
    "SavedSession",
    "Session",
    "SignalChannel",
    "Switchboard",
    "Watch",
    "WatchState",
]
