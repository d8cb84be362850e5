"""Lines of the log: each record begins one, nothing that somebody typed begins another, and none opens a door."""

import copy
import logging
import re
from datetime import datetime

# Control characters, what other programs take for the end of a line, what turns the direction of text around, and halves
# of surrogate pairs, which no file takes.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


_END = r"[^\s\"'<>]"


def _coded(text: str) -> str:
    """A pattern for the text in an address, each sign as itself or as `%70`."""
    return "".join(f"(?:{re.escape(sign)}|%{ord(sign):02x})" for sign in text)


# What lies below these addresses, or in their queries, opens an account, or shows a report or a letter.
_OPENING = re.compile(
    rf"({_coded('/password/')}|{_coded('/verify/')}|(?:{_coded('/track')}|{_coded('/verify')})(?:{_coded('/')})?(?:\?|%3f)){_END}+",
    re.IGNORECASE,
)


def discreet(text: str) -> str:
    """The text without what opens something for whoever reads it: paths below /password/ and /verify/, queries of /track/ and
    /verify/; also where such an address is the referrer or stands in another address.
    """
    return _OPENING.sub(r"\1…", text)


def visible(text: str) -> str:
    """The text in one line, with what cannot be seen written as Python writes it: `\\n`, `\\x1b`, `\\u202e`."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class LineFormatter(logging.Formatter):
    """A record as one line, its instant with the offset from UTC. Below it, indented, where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have left its own text of the error in the record.
        bare = copy.copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        more = [self.formatException(record.exc_info)] if record.exc_info else []
        more += [record.stack_info] if record.stack_info else []
        below = [f"    {visible(discreet(line))}" for text in more for line in text.split("\n")]
        return "\n".join([visible(discreet(super().format(bare))), *below])

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
