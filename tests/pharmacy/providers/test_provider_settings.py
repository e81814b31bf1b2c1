"""What the pharmacy has to be told of its payment providers, and what that costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kit.clock import utc_now
from services.pharmacy.providers import choose
from services.pharmacy.settings import PharmacySettings
from stack.cashier.part import Cashier
from tests.in_process import KEYS
from tests.pharmacy.providers.arranged import NAMES

BASE = {
    "grpc_port": 1,
    "http_port": 2,
    "database_url": "postgresql://",
    "nats_url": "nats://",
    "jwks_url": "http://",
    "identity_address": "a:1",
    "glucose_address": "a:2",
    "consult_address": "a:3",
    "service_secret": "s" * 16,
    "sealing_keys": KEYS,
}


@pytest.fixture
def told(cashier: Cashier) -> dict[str, Any]:
    """What the stack tells of all three."""
    variables = cashier.merchant("http://gateway")
    own: dict[str, Any] = {key.removeprefix("APRICOT_").lower(): value for key, value in variables.items()}
    return BASE | own | {"payment_providers": json.loads(own["payment_providers"])}


def test_by_default_there_is_none() -> None:
    settings = PharmacySettings.model_validate(BASE)
    assert choose.build(settings.payment_providers, settings.of_providers(), "", utc_now) == {}


def test_what_the_stack_tells_is_whole(told: dict[str, Any]) -> None:
    assert PharmacySettings.model_validate(told).payment_providers == NAMES


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_providers": ["paypal"]},
        {"payment_notify_url": ""},
        {"sandbox_url": ""},
        {"sandbox_secret": "short"},
        {"alipay_app_id": ""},
        {"alipay_seller_id": ""},
        {"alipay_private_key": ""},
        {"alipay_public_key": ""},
        {"wechat_appid": ""},
        {"wechat_mchid": ""},
        {"wechat_apiv3_key": "short"},
        {"wechat_private_key": ""},
        {"wechat_certificate_serial": ""},
        {"wechat_public_key": ""},
        {"wechat_public_key_id": ""},
        {"wechat_public_key": "", "wechat_public_key_id": ""},
    ],
    ids=lambda wrong: ",".join(wrong),
)
def test_what_is_missing_is_told_at_the_start(told: dict[str, Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PharmacySettings.model_validate(told | wrong)


def test_a_folder_without_a_certificate_is_told_at_the_start(told: dict[str, Any], tmp_path: Path) -> None:
    settings = PharmacySettings.model_validate(told | {"wechat_certificates": str(tmp_path)})
    with pytest.raises(ValueError, match="no platform certificate"):
        choose.build(settings.payment_providers, settings.of_providers(), "", utc_now)


def test_secrets_are_not_shown(told: dict[str, Any]) -> None:
    shown = repr(PharmacySettings.model_validate(told))
    secret = ("sandbox_secret", "alipay_private_key", "wechat_private_key", "wechat_apiv3_key")
    assert not [name for name in secret if told[name].splitlines()[-1 if "\n" not in told[name] else 1] in shown]


def test_the_sandbox_alone_loads_no_other_s_library() -> None:
    program = """
import sys
import services.pharmacy.main, services.pharmacy.worker
from kit.clock import utc_now
from kit.clock import utc_now
from services.pharmacy.providers import choose

choose.build(["sandbox"], {"sandbox_url": "http://x", "sandbox_secret": "s" * 16}, "http://y", utc_now)
print({"alipay", "wechatpayv3", "requests", "rsa"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
