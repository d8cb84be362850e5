"""The portal with two additions: the null view that ratios refer to, and what a request cost, told in its headers.

`/null` is answered in the same workers and threads, outside Django's middleware. `X-Cpu-Us` is the CPU time of the thread
that answered; `X-Sql` the number of statements, counted only where `X-Count-Sql` asks, because counting costs time.
"""

import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse

portal = get_wsgi_application()


def null(request: WSGIRequest) -> HttpResponse:
    return HttpResponse(b"ok")


def application(environ, start_response):
    began = time.thread_time()
    counted: list[str] = []

    def started(status, headers, *rest):
        cost = [("X-Cpu-Us", str(round((time.thread_time() - began) * 1e6)))]
        if "HTTP_X_COUNT_SQL" in environ:
            cost.append(("X-Sql", str(len(counted))))
        return start_response(status, [*headers, *cost], *rest)

    if environ["PATH_INFO"] == "/null":
        response = null(WSGIRequest(environ))
        started("200 OK", [*response.items(), ("Content-Length", "2")])
        return [response.content]
    if "HTTP_X_COUNT_SQL" not in environ:
        return portal(environ, started)

    def count(execute, sql, params, many, context):
        counted.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        return portal(environ, started)
