"""The audit chain, verified from outside: piece by piece, and against what was kept of it elsewhere."""

import re

import typer
from apricot.identity.v1 import audit_pb2
from apricot.identity.v1.audit_pb2_grpc import AuditServiceStub

from services.identity.admin_client import Operator

_PIECE = 100_000
_ANCHOR = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


def verify_chain(operator: Operator, behind: str, anchor: str) -> audit_pb2.VerifyChainResponse:
    """Verify to the end. Ends the command where the chain does not hold, or does not lead over the anchor."""
    sequence, hashed = _parsed(anchor)
    if behind and anchor:
        raise typer.BadParameter("a checkpoint may lie behind the anchor: give one of them")
    answer = audit_pb2.VerifyChainResponse(checkpoint=behind)
    while not answer.complete:
        to_anchor = sequence - answer.event_count
        answer = _piece(operator, answer.checkpoint, to_anchor if to_anchor > 0 else _PIECE)
        if anchor and answer.event_count == sequence and answer.hash != hashed:
            raise _not_over(sequence)
    if answer.event_count < sequence:
        raise _not_over(sequence)
    return answer


def _not_over(sequence: int) -> typer.Exit:
    typer.echo(f"the chain does not lead over the anchor at event {sequence}", err=True)
    return typer.Exit(1)


def _piece(operator: Operator, behind: str, most: int) -> audit_pb2.VerifyChainResponse:
    request = audit_pb2.VerifyChainRequest(checkpoint=behind, max_events=min(most, _PIECE))
    answer = operator.call(AuditServiceStub(operator.channel).VerifyChain, request, long=True)
    if not answer.intact:
        fault = audit_pb2.ChainFault.Name(answer.fault).removeprefix("CHAIN_FAULT_").lower()
        typer.echo(f"the chain breaks at event {answer.first_broken_sequence}: {fault}", err=True)
        raise typer.Exit(1)
    if not answer.complete:
        typer.echo(f"{answer.event_count} events hold so far")
    return answer


def _parsed(anchor: str) -> tuple[int, str]:
    """Sequence and hash; 0 where there is no anchor."""
    if not anchor:
        return 0, ""
    found = _ANCHOR.fullmatch(anchor)
    if found is None:
        raise typer.BadParameter("an anchor reads SEQUENCE:HASH")
    return int(found[1]), found[2]
