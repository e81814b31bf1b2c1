"""The keys of the cashier's dialects: the provider's side and the merchant's. Made at the first start with a provider,
kept in the state folder."""

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stack.files import write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# `cryptography` is imported where RSA keys are made: the sandbox does without.


@dataclass(frozen=True)
class AlipayKeys:
    app_id: str
    seller_id: str
    app_private_key: str
    app_public_key: str
    alipay_private_key: str
    alipay_public_key: str


@dataclass(frozen=True)
class WeChatKeys:
    appid: str
    mchid: str
    apiv3_key: str
    merchant_serial: str
    merchant_private_key: str
    merchant_public_key: str
    public_key_id: str
    wechat_private_key: str
    wechat_public_key: str
    certificate_private_key: str
    certificate: str
    """WeChat signs by its public key, or by this certificate's for merchants that do not know the key yet."""


@dataclass(frozen=True)
class Keys:
    sandbox_secret: str | None = None
    alipay: AlipayKeys | None = None
    wechat: WeChatKeys | None = None


def load(file: Path) -> Keys:
    """Those that were kept; none if there is no file."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    alipay, wechat = kept.get("alipay"), kept.get("wechat")
    return Keys(
        kept.get("sandbox_secret"),
        AlipayKeys(**alipay) if alipay else None,
        WeChatKeys(**wechat) if wechat else None,
    )


def keep(file: Path, providers: Collection[str]) -> Keys:
    """Those that were kept, and new ones of these providers where there were none."""
    kept = load(file)
    keys = Keys(
        kept.sandbox_secret or (secrets.token_urlsafe(24) if "sandbox" in providers else None),
        kept.alipay or (_alipay() if "alipay" in providers else None),
        kept.wechat or (_wechat() if "wechat" in providers else None),
    )
    if keys != kept:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(asdict(keys), indent=2))
    return keys


def _alipay() -> AlipayKeys:
    app, alipay = new_key(), new_key()
    return AlipayKeys(
        app_id=f"2021{_digits(12)}",
        seller_id=f"2088{_digits(12)}",
        app_private_key=private_pem(app, traditional=True),  # as Alipay's SDK wants it
        app_public_key=public_pem(app),
        alipay_private_key=private_pem(alipay),
        alipay_public_key=public_pem(alipay),
    )


def _wechat() -> WeChatKeys:
    merchant, wechat, certified = new_key(), new_key(), new_key()
    return WeChatKeys(
        appid=f"wx{secrets.token_hex(8)}",
        mchid=f"19{_digits(8)}",
        apiv3_key=secrets.token_hex(16),
        merchant_serial=secrets.token_hex(20).upper(),
        merchant_private_key=private_pem(merchant),
        merchant_public_key=public_pem(merchant),
        public_key_id=f"PUB_KEY_ID_{_digits(28)}",
        wechat_private_key=private_pem(wechat),
        wechat_public_key=public_pem(wechat),
        certificate_private_key=private_pem(certified),
        certificate=certify(certified),
    )


def certify(key: "RSAPrivateKey") -> str:
    """A certificate of its own signature, for ten years."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WeChat Pay's stand-in")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=3650))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def new_key() -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return generate_private_key(65537, 2048)


def private_pem(key: "RSAPrivateKey", *, traditional: bool = False) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    shape = PrivateFormat.TraditionalOpenSSL if traditional else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, shape, NoEncryption()).decode().strip()


def public_pem(key: "RSAPrivateKey") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
