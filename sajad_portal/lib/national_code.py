"""National codes: checked, stored as ciphertext, found by a keyed hash."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from .text import latin_digits


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


def _key(purpose: bytes) -> bytes:
    return hmac.digest(settings.FIELD_KEY.encode(), purpose, hashlib.sha256)


def encrypt(text: str) -> str:
    return Fernet(base64.urlsafe_b64encode(_key(b"encrypt"))).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The plain text; empty where the key has changed since it was stored."""
    try:
        return Fernet(base64.urlsafe_b64encode(_key(b"encrypt"))).decrypt(token.encode()).decode()
    except InvalidToken:
        return ""


def keyed_hash(text: str) -> str:
    """Hex HMAC-SHA256 for look-up: equal codes have equal hashes, and nobody without the key can try them all."""
    return hmac.new(_key(b"look-up"), text.encode(), hashlib.sha256).hexdigest()
