"""A piece of a page, drawn alone."""

from typing import Any

from django.template import engines


def drawn(template: str, macro: str, **props: Any) -> str:
    """`drawn("letters/_table.html", "letters_table", result=…)`: what a page would get of it."""
    return str(getattr(engines["jinja"].env.get_template(template).module, macro)(**props))
