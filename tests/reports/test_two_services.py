"""What is seen of two services."""

import re

import pytest

from tests.attacks.doors import doors
from tests.attacks.world import make_world
from tests.second_service import MARK, fill_second_service


def text(answer):
    body = (
        answer.content.decode("utf-8", "ignore")
        if not answer.streaming
        else b"".join(answer.streaming_content).decode("utf-8", "ignore")
    )
    body = re.sub(r"(?s)<(script|style|svg).*?</\1>", "", body)
    body = re.sub(r"(?s)<[^>]+>", " ", body)
    return re.sub(r"\s+", " ", body)


@pytest.mark.django_db
def test_look(cast, client_for):
    world = make_world(cast)
    who = {"laleh": cast.laleh, "nader": cast.nader, "reza": cast.reza, "omid": cast.omid}
    paths = list(dict.fromkeys(d.path for d in doors(world) if ".pdf" not in d.path))
    before = {}

    def fetch():
        found = {}
        for name, person in who.items():
            client = client_for(person)
            for path in paths:
                a = client.get(path)
                if a.status_code == 200:
                    found[name, path] = text(a)
        return found

    before = fetch()
    second = fill_second_service(cast)
    after = fetch()
    with open("/tmp/second/out.txt", "w") as f:
        for key in after:
            marks = [m for m in [MARK, *second.codes] if m in after[key]]
            if marks:
                print("MARK", key, marks, file=f)
            if after[key] != before.get(key):
                a, b = before.get(key, "").split(), after[key].split()
                import difflib

                d = [x for x in difflib.unified_diff(a, b, lineterm="", n=2) if not x.startswith(("---", "+++"))]
                print("DIFF", key, " ".join(d)[:1500], file=f)
