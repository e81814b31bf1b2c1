"""Which reason each exception of the domain becomes."""

from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from kit.pdfs import NotAPdfError
from kit.pictures import NotAPictureError, TooManyPixelsError
from services.identity.domain import (
    account_changes,
    codes,
    factors,
    grants,
    invites,
    licences,
    proofs,
    sessions,
    signing,
    verifying,
)

DOMAIN_ERRORS: DomainErrors = {
    account_changes.ChangeInWrongState: Reason.REASON_WRONG_STATE,
    account_changes.OwnAccountChange: Reason.REASON_NOT_ALLOWED,
    codes.CredentialsInvalid: Reason.REASON_CREDENTIALS_INVALID,
    factors.SecondFactorRequired: Reason.REASON_SECOND_FACTOR_REQUIRED,
    factors.SecondFactorInvalid: Reason.REASON_SECOND_FACTOR_INVALID,
    factors.SecondFactorExists: Reason.REASON_WRONG_STATE,
    factors.NoSecondFactor: Reason.REASON_WRONG_STATE,
    grants.GrantToOneself: Reason.REASON_NOT_ALLOWED,
    invites.InviteNotValid: Reason.REASON_INVITE_NOT_VALID,
    invites.OwnInvite: Reason.REASON_NOT_ALLOWED,
    licences.LicenceInWrongState: Reason.REASON_WRONG_STATE,
    licences.LicenceExpired: Reason.REASON_LICENCE_EXPIRED,
    licences.OwnLicence: Reason.REASON_NOT_ALLOWED,
    licences.PracticeTooShort: Reason.REASON_PRACTICE_TOO_SHORT,
    proofs.FreshProofRequired: Reason.REASON_FRESH_PROOF_REQUIRED,
    sessions.RefreshTokenInvalid: Reason.REASON_TOKEN_INVALID,
    sessions.RefreshTokenExpired: Reason.REASON_TOKEN_EXPIRED,
    sessions.SessionHasEnded: Reason.REASON_SESSION_ENDED,
    signing.ProofNotFresh: Reason.REASON_FRESH_SIGN_IN_REQUIRED,
    signing.ProofOfOtherContent: Reason.REASON_PROOF_OF_OTHER_CONTENT,
    NotAPdfError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    NotAPictureError: Reason.REASON_MEDIA_NOT_SUPPORTED,
    TooManyPixelsError: Reason.REASON_TOO_LARGE,
    verifying.CheckpointInvalid: Reason.REASON_INVALID_PAGE_TOKEN,
}
