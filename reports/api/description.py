"""OpenAPI 3.1 of the interface: what ninja makes of the code, with what is the same for every operation, in one language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI

from .problems import PROBLEM_JSON
from .shapes import Problem

SPOKEN = ("description", "summary", "title")
METHODS = ("get", "post", "patch", "put", "delete")
# What any operation may answer; those of a change also what follows.
ALWAYS = {
    400: _("The request cannot be read, or does not say in which seat."),
    401: _("No token, or one that opens nothing."),
    403: _("The program, or the person for whom it acts, may not do this."),
    404: _("There is nothing here, or nothing that you may see."),
    422: _("The request does not say what is asked for here."),
    429: _("Too many requests; Retry-After says when to come back."),
    503: _("The portal could not do it now; Retry-After says when to come back."),
}
OF_CHANGES = {
    409: _("A rule of the portal refuses it; the sentence says why and what to do."),
    412: _("What was read has changed since."),
    413: _("The body is too large."),
    428: _("If-Match is missing."),
}
RATE = {
    "RateLimit-Limit": _("How many requests a minute are taken."),
    "RateLimit-Remaining": _("How many are left of them."),
    "RateLimit-Reset": _("In how many seconds they are counted anew."),
}
SEAT = _("In which seat the program acts, where it was bound to several; GET /me lists them.")
KEY = _(
    "A new word for each change: the same request with the same word within 24 hours is answered again and done once."
)
MATCH = _("The ETag of what was read, in quotation marks.")
LEAD = _(
    "Programs of other agencies ask and act here under the same rules as people on the pages, always in the seat of somebody who "
    "bound the program to it. Answers and refusals are in Persian or English, by Accept-Language."
)


def described(api: NinjaAPI, root: str) -> dict:
    """The whole description in the active language."""
    schema: dict = _plain(api.get_openapi_schema(path_prefix=root))
    schema["openapi"] = "3.1.0"
    schema["info"]["description"] = LEAD
    schemas = schema["components"].setdefault("schemas", {})
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(own.pop("$defs", {}))
    schemas["Problem"] = own
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for method, operation in _operations(schema):
        _complete(method, operation)
    return _translated(schema)


def _operations(schema: dict) -> Iterator[tuple[str, dict]]:
    for methods in schema["paths"].values():
        for method in METHODS:
            if method in methods:
                yield method, methods[method]


def _complete(method: str, operation: dict) -> None:
    operation["security"] = [{"token": []}]
    operation["parameters"] = [
        *operation.get("parameters", []),
        _header("X-Seat", SEAT, {"type": "string", "pattern": "^[0-9]{1,18}$"}),
    ]
    if method != "get":
        operation["parameters"].append(
            _header("Idempotency-Key", KEY, {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"})
        )
    if operation.pop("x-if-match", False):
        operation["parameters"].append(
            {**_header("If-Match", MATCH, {"type": "string", "pattern": '^"[!#-~]{1,80}"$'}), "required": True}
        )
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    for status, words in _answers_of(method).items():
        answers.setdefault(str(status), {"description": words})
    for said, answer in answers.items():
        if said >= "400":
            answer["content"] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            if answer["description"] in ("", "Conflict", "Unprocessable Entity", "Unprocessable Content"):
                answer["description"] = {**ALWAYS, **OF_CHANGES}.get(int(said), answer["description"])
        elif "x-file" in operation:
            answer["content"] = {operation["x-file"].partition(";")[0]: {"schema": {"type": "string"}}}
        answer["headers"] = {
            **answer.get("headers", {}),
            **{
                name: {"description": words, "schema": {"type": "string"}, "required": False}
                for name, words in RATE.items()
            },
        }
    operation.pop("x-file", None)
    operation["responses"] = dict(sorted(answers.items()))


def _answers_of(method: str) -> dict[int, str]:
    """Those that any operation of the kind may give; 412 and 428 where ninja was told of them."""
    of_changes = {status: words for status, words in OF_CHANGES.items() if status in (409, 413)}
    return {**ALWAYS, **(of_changes if method != "get" else {})}


def _header(name: str, words: str, schema: dict) -> dict:
    return {"in": "header", "name": name, "required": False, "description": words, "schema": schema}


def _plain(value: Any) -> Any:
    """Plain dicts and lists, which belong to nobody else."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _translated(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        # Under `properties` the keys are names of fields, which may be any word.
        return {name: _translated(each, "" if key == "properties" else name) for name, each in value.items()}
    if isinstance(value, list):
        return [_translated(each) for each in value]
    return gettext(value) if key in SPOKEN and isinstance(value, str) and value else value
