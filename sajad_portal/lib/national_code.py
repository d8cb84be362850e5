"""National codes: checked, stored as ciphertext, found by a keyed hash."""

import base64
import hashlib
import hmac
import logging

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from .text import latin_digits

logger = logging.getLogger(__name__)


def valid_national_code(code: str) -> bool:
    """Ten digits whose last is the control digit: Σ dᵢ·(10−i), mod 11; r < 2 → r, else 11 − r. Repeated digits are refused."""
    if len(code) != 10 or not (code.isascii() and code.isdigit()) or len(set(code)) == 1:
        return False
    rest = sum(int(digit) * (10 - i) for i, digit in enumerate(code[:9])) % 11
    return int(code[9]) == (rest if rest < 2 else 11 - rest)


def clean_national_code(text: str) -> str:
    """Latin digits, without spaces and dashes; leading zeros that a spreadsheet dropped are put back (8 or 9 digits)."""
    code = latin_digits(text).strip().replace(" ", "").replace("-", "")
    return code.zfill(10) if code.isascii() and code.isdigit() and len(code) in (8, 9) else code


def _key(purpose: bytes, secret: str | None = None) -> bytes:
    return hmac.digest((settings.FIELD_KEY if secret is None else secret).encode(), purpose, hashlib.sha256)


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(b"encrypt", secret)))


def encrypt(text: str) -> str:
    return _fernet(settings.FIELD_KEY).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The plain text, stored under FIELD_KEY or an earlier key; empty, and a line in the log, where it was under none of them."""
    found = _plain(token)
    if found is None:
        logger.error(
            "A stored national code or secret cannot be read: FIELD_KEY is not the key that it was stored under."
        )
    return found or ""


def can_be_read(token: str) -> bool:
    return _plain(token) is not None


def _plain(token: str) -> str | None:
    keys = [settings.FIELD_KEY, *settings.FIELD_KEY_FALLBACKS]
    try:
        return MultiFernet([_fernet(secret) for secret in keys]).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def is_of_key(token: str) -> bool:
    """Whether it was stored under FIELD_KEY itself."""
    try:
        _fernet(settings.FIELD_KEY).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def keyed_hash(text: str, secret: str | None = None) -> str:
    """Hex HMAC-SHA256 for look-up: equal codes have equal hashes, and nobody without the key can try them all."""
    return hmac.new(_key(b"look-up", secret), text.encode(), hashlib.sha256).hexdigest()


def hashes_of(text: str) -> list[str]:
    """Under which it may be found: FIELD_KEY's, then those of earlier keys."""
    return [keyed_hash(text), *(keyed_hash(text, secret) for secret in settings.FIELD_KEY_FALLBACKS)]
