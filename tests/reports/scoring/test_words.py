"""What a result version says of its scores stays what it was, to the byte: letters and hashes of years ago rest on it."""

import hashlib
import json
from random import Random

from reports.queries.result_findings import StoredFinding, score_findings
from reports.xlsform.definition import FormDefinition, Indicator

SEED = 1405
REPORTS = 300
# Made by the scoring of version 1 of a result's explanation. A change of it is a change of what was announced.
SHA256 = "082f718ca51b235657e2e9f942ba99be36dfd3ede27af1482fb3ac6e8be914b2"
NUMBERS = ["0", "1", "7", "12.5", "-3", "0.001", "99999999999.125", "33.333", "100", "250", "1e3", "۷", "", "x"]


def a_form(random: Random) -> FormDefinition:
    """Forty indicators of every formula in four sections; some without weight, standard or a floor that makes sense."""
    indicators = [
        Indicator(
            code=f"I-{n}", label={}, section=random.choice("abcd"), weight=random.choice(["0", "1", "2.5", "10", "7.25"]),
            inputs={"numerator": f"n{n}", "denominator": f"d{n}"} if n % 3 else {"value": f"v{n}"},
            standard=random.choice(["", "10", "80", "66.6", "0"]), floor=random.choice(["", "0", "40", "90"]),
            direction=random.choice(["up", "down"]), score=random.choice(["default", "default", "linear", "bands", "manual"]),
            bands=random.choice(["90=100; 75=60", "90=60; 75=100", "broken", "0.5=33.3; 12=100"]),
            scale=random.choice(["1", "100", "1000", ""]), source="timeliness" if n % 20 == 0 else "",
        )
        for n in range(1, 41)
    ]  # fmt: skip
    return FormDefinition("f", "f", "1", ("fa",), "f", (), (), (), tuple(indicators))


def some_findings(random: Random, form: FormDefinition) -> dict[str, StoredFinding]:
    found = {}
    for indicator in form.indicators:
        if random.random() < 0.05:
            continue
        figures = {role: random.choice([*NUMBERS, str(random.randrange(1, 5000))]) for role in indicator.inputs}
        found[indicator.code] = StoredFinding(
            claimed=figures, verified=figures, points=random.choice([None, "3", "2.7500", "-1", "99"]),
            not_applicable=random.choice([None] * 8 + [True, False]),
        )  # fmt: skip
    return found


def test_the_explanation_of_a_score_is_the_same_to_the_byte():
    random, told = Random(SEED), hashlib.sha256()
    forms = [a_form(random) for _form in range(5)]
    for number in range(REPORTS):
        form = forms[number % len(forms)]
        standing = random.choice([None, "on_time", "in_grace", "extended"])
        score = score_findings(form, some_findings(random, form), standing)
        told.update(json.dumps([score.to_json(), str(score.total)]).encode())
    assert told.hexdigest() == SHA256
