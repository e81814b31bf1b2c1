"""How the demo's people sign in.

The same constants stand in `services.identity.demo`, whose import would cost the start a second: a test holds them
equal.
"""

from uuid import NAMESPACE_URL, uuid5

CODE = "246810"
TOTP_SECRET = "APRICOTAPRICOTAPRICOTAPRICOTAPRI"  # noqa: S105  public: the demo's own
PATIENT_PHONES = tuple(f"+861390000000{number}" for number in range(1, 7))
"""In the order of `dataset.PEOPLE`."""
CLINICIAN_PHONE = "+8613900000100"
PHARMACIST_PHONE = "+8613900000300"
COURIER_PHONE = "+8613900000400"
PHARMACY_ID = str(uuid5(NAMESPACE_URL, "apricot:demo:杭州杏林大药房"))
PHARMACY_PLACE = 30.2769, 120.1316
"""Latitude and longitude."""
