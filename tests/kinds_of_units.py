"""A form that asks units of different kinds different things: one indicator of all, two of dormitories, two of sports."""

from functools import cache

from .calls import published_call
from .factories import make_kind
from .forms import FA, workbook
from .people import Cast


def value(name: str, code: str, weight: int, **more) -> dict:
    """A number out of 10, required, that is an indicator."""
    attributes = {"indicator": code, "role": "value", "weight": weight, "standard": 10, "aggregate": "sum"}
    return {
        "type": "integer", "name": name, FA: f"شمار {name}", "required": "yes",
        **{f"bind::sajad:{key}": text for key, text in attributes.items()}, **more,
    }  # fmt: skip


def of_unit(name: str, source: str, **more) -> dict:
    return {"type": "calculate", "name": name, "bind::sajad:source": source, **more}


def section(name: str, rows: list[dict], relevant: str = "", label: str = "") -> list[dict]:
    begin = {"type": "begin_group", "name": name, FA: label or f"بخش {name}", "relevant": relevant}
    return [begin, *rows, {"type": "end_group", "name": name}]


def in_columns(rows: list[dict], **settings) -> bytes:
    headers = list(dict.fromkeys(key for row in rows for key in row))
    return workbook(rows, survey_headers=headers, settings={"form_id": "kinds", **settings})


@cache
def form_of_kinds(*, form_id: str = "kinds") -> bytes:
    """``common`` GEN-01 weight 40 (staff); ``beds`` of dormitories DRM-01 weight 50 (rooms), DRM-02 weight 10 (repairs, where
    `has_repairs` says yes); ``games`` of sports SPT-01 weight 20 (matches)."""
    choices = [{"list_name": "yn", "name": name, "label": label} for name, label in (("yes", "بلی"), ("no", "خیر"))]
    rows = [
        of_unit("kind", "unit_kind"),
        *section("common", [value("staff", "GEN-01", 40)]),
        *section(
            "beds",
            [
                value("rooms", "DRM-01", 50),
                {"type": "select_one yn", "name": "has_repairs", FA: "تعمیر داشته است؟", "required": "yes"},
                value("repairs", "DRM-02", 10, relevant="${has_repairs} = 'yes'"),
            ],
            "${kind} = 'dormitory'",
        ),
        *section("games", [value("matches", "SPT-01", 20)], "${kind} = 'sports'"),
    ]
    headers = list(dict.fromkeys(key for row in rows for key in row))
    return workbook(rows, survey_headers=headers, settings={"form_id": form_id}, choices=choices)


def call_of_kinds(cast: Cast, **fields):
    """A is a dormitory, B a sports unit, and both have accepted."""
    for unit, kind in ((cast.a, "dormitory"), (cast.b, "sports")):
        unit.kind = make_kind(kind)
        unit.save()
    return published_call(cast, **{"form": form_of_kinds(), **fields})


OF_DORMITORY = {"common": {"staff": "10"}, "beds": {"rooms": "5", "has_repairs": "yes", "repairs": "10"}}
OF_SPORTS = {"common": {"staff": "5"}, "games": {"matches": "10"}}
