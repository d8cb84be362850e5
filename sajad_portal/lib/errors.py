"""What the portal says when it will not do something."""

from typing import TypeVar

Given = TypeVar("Given")


class Refused(Exception):
    """A rule said no. Carries the sentence a person reads: what happened, why, and what to do next.

    `code` is a short stable word for tests, logs and the API; `status` the HTTP status of a page of its own.
    """

    status = 409

    def __init__(self, message, *, code: str = "refused", status: int | None = None):
        super().__init__(message)
        self.message = message
        self.code = code
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(Refused):
    """The person may read this but may not do that: 403."""

    status = 403

    def __init__(self, message, *, code: str = "forbidden"):
        super().__init__(message, code=code)


def promised(value: Given | None, by: str) -> Given:
    """A value that is null in other states only: `by` is the constraint, or the rule, that promises it here.

    Raises AssertionError where the promise is broken.
    """
    if value is None:
        raise AssertionError(f"nothing stands here, against {by}")
    return value
