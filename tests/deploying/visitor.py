"""Somebody who looks at the sign-in page again and again, through nginx, until the file of the first argument is there; then prints
{status: count}. 0: no answer."""

import collections
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

END = Path(sys.argv[1])
answers: collections.Counter = collections.Counter()
trust = ssl.create_default_context(cafile="/etc/ssl/portal/fullchain.pem")


def visit() -> None:
    while not END.exists():
        try:
            with urllib.request.urlopen("https://portal.example.ir/sign-in/", timeout=90, context=trust) as answer:
                answers[answer.status] += 1
        except urllib.error.HTTPError as error:
            answers[error.code] += 1
        except OSError:
            answers[0] += 1
        time.sleep(0.2)  # people read


people = [threading.Thread(target=visit) for _ in range(3)]
for person in people:
    person.start()
for person in people:
    person.join()
print(json.dumps(answers))
