"""The SDK sends the proof of the sign-in with calls that ask for one."""

from apricot.identity.v1.account_pb2 import DeleteAccountRequest, GetMeRequest, SetPasswordRequest

from clients.sdk.contract import with_fresh_proof


def test_sensitive_request_gets_the_proof_as_a_copy() -> None:
    request = SetPasswordRequest(new_password="correct horse battery")
    assert with_fresh_proof(request, "proof").fresh_proof == "proof"
    assert request.fresh_proof == ""


def test_proof_that_the_caller_gives_is_kept() -> None:
    assert with_fresh_proof(SetPasswordRequest(fresh_proof="own"), "proof").fresh_proof == "own"
    assert with_fresh_proof(DeleteAccountRequest(code="123456"), "proof").WhichOneof("proof") == "code"
    assert with_fresh_proof(DeleteAccountRequest(), "proof").fresh_proof == "proof"


def test_other_requests_carry_no_proof() -> None:
    request = GetMeRequest()
    assert with_fresh_proof(request, "proof") is request
    assert with_fresh_proof(SetPasswordRequest(), "").fresh_proof == ""
