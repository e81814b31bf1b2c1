"""`apricot.consult.v1.BookingService`: each theme has a file of its own."""

from services.consult.rpc.appointments import Appointments
from services.consult.rpc.queue import Queue
from services.consult.rpc.slots import Slots
from services.consult.rpc.waiting_list import WaitingList


class Booking(Slots, Appointments, Queue, WaitingList):
    """Slots, appointments, the doctor's day and waiting lists."""
