"""A file that the page of its preview carries along, so that the very bytes that were looked at are what is stored."""

import base64
import binascii
import zlib

KEPT = 4_000_000  # letters of a packed file in a page


def packed_file(data: bytes) -> str:
    """The file as a hidden field; "" for one that is too large for that."""
    text = base64.b64encode(zlib.compress(data, 6)).decode()
    return text if len(text) <= KEPT else ""


def unpacked_file(text: str, most: int) -> bytes | None:
    """The bytes of such a field, at most `most` of them; None where it is broken."""
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, validate=True), most + 1)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return data if len(data) <= most and unpacking.eof else None
