"""Slots, appointments and entries of waiting lists as the contract has them."""

from apricot.consult.v1.booking_pb2 import (
    Appointment,
    AppointmentState,
    InPerson,
    Slot,
    SlotPlace,
    WaitingEntry,
    WaitingState,
)
from apricot.consult.v1.consultation_pb2 import ConsultationMode, FeeState
from apricot.money.v1.money_pb2 import Money

from kit.times import to_timestamp
from services.consult.store.booking_tables import AppointmentRow, SlotRow, WaitingRow


def slot_message(row: SlotRow, free_count: int) -> Slot:
    """A slot with how many of its places are free."""
    return Slot(
        slot_id=str(row.slot_id),
        doctor_id=str(row.doctor_id),
        start_time=to_timestamp(row.start_time),
        end_time=to_timestamp(row.end_time),
        time_zone=row.time_zone,
        capacity=row.capacity,
        free_count=free_count,
        place=_place(row),
        fee=_fee(row),
    )


def appointment_message(row: AppointmentRow) -> Appointment:
    """An appointment as it stands."""
    return Appointment(
        appointment_id=str(row.appointment_id),
        slot_id=str(row.slot_id),
        doctor_id=str(row.doctor_id),
        doctor_name=row.doctor_name,
        patient_id=str(row.patient_id),
        patient_name=row.patient_name,
        state=AppointmentState.ValueType(row.state),
        start_time=to_timestamp(row.start_time),
        end_time=to_timestamp(row.end_time),
        time_zone=row.time_zone,
        place=_place(row),
        fee=_fee(row),
        fee_state=FeeState.ValueType(row.fee_state),
        queue_number=row.queue_number or 0,
        check_in_time=to_timestamp(row.check_in_time) if row.check_in_time else None,
        previous_appointment_id=str(row.previous_appointment_id or ""),
        note=row.note,
        create_time=to_timestamp(row.create_time),
        update_time=to_timestamp(row.update_time),
    )


def waiting_message(row: WaitingRow) -> WaitingEntry:
    """An entry as it stands."""
    return WaitingEntry(
        entry_id=str(row.entry_id),
        patient_id=str(row.patient_id),
        doctor_id=str(row.doctor_id),
        slot_id=str(row.slot_id or ""),
        start_time=to_timestamp(row.start_time),
        end_time=to_timestamp(row.end_time),
        state=WaitingState.ValueType(row.state),
        offered_slot_id=str(row.offered_slot_id or ""),
        offer_expire_time=to_timestamp(row.offer_expire_time) if row.offer_expire_time else None,
        appointment_id=str(row.appointment_id or ""),
        create_time=to_timestamp(row.create_time),
        update_time=to_timestamp(row.update_time),
    )


def _place(row: SlotRow | AppointmentRow) -> SlotPlace:
    if row.mode:
        return SlotPlace(online=ConsultationMode.ValueType(row.mode))
    return SlotPlace(in_person=InPerson(room=row.room))


def _fee(row: SlotRow | AppointmentRow) -> Money | None:
    return Money(currency_code=row.currency, minor_units=row.fee_minor) if row.fee_minor else None
