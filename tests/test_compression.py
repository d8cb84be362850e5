"""What leaves compressed where the portal stands without nginx, and what must not."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from sajad_portal.compression import SHOWS_A_SECRET, CompressedPages

WORDS = "<p>گزارش دورهٔ عملکرد</p>\n" * 200
TAKES_GZIP = {"accept-encoding": "gzip, deflate, br"}


def answered(response, path="/desk/", headers=TAKES_GZIP):
    return CompressedPages(lambda request: response)(RequestFactory().get(path, headers=headers))


def test_a_page_leaves_compressed_and_says_so():
    answer = answered(HttpResponse(WORDS))

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert int(answer["Content-Length"]) == len(answer.content) < 500
    assert gzip.decompress(answer.content).decode() == WORDS


def test_two_answers_with_the_same_words_differ_in_length():
    """Random bytes, so that a length tells nothing of a single letter."""
    assert len({len(answered(HttpResponse(WORDS)).content) for _n in range(30)}) > 5


def test_who_does_not_take_gzip_gets_none():
    assert not answered(HttpResponse(WORDS), headers={}).has_header("Content-Encoding")


def test_a_stream_is_told_as_it_happens():
    answer = answered(StreamingHttpResponse(iter(["data: one\n\n"] * 300), content_type="text/event-stream"))

    assert not answer.has_header("Content-Encoding")
    assert next(iter(answer.streaming_content)) == b"data: one\n\n"


@pytest.mark.parametrize(
    "kind",
    [
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "image/png",
        "application/zip",
        "font/woff2",
    ],
)
def test_what_is_compressed_already_is_left_alone(kind):
    assert not answered(HttpResponse(WORDS, content_type=kind)).has_header("Content-Encoding")


def test_a_file_and_a_part_of_one_are_left_alone(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(WORDS)
    assert not answered(FileResponse(file.open("rb"))).has_header("Content-Encoding")
    assert not answered(HttpResponse(WORDS, status=206)).has_header("Content-Encoding")


def test_what_is_too_small_to_gain_is_left_alone():
    assert not answered(HttpResponse("<p>" * 300)).has_header("Content-Encoding")


@pytest.mark.parametrize("path", ["/password/MQ/set/", "/units/KHB/invite/", "/units/KHB/people/7/link/"])
def test_a_page_that_shows_a_secret_is_left_alone(path):
    assert not answered(HttpResponse(WORDS), path=path).has_header("Content-Encoding")
    assert answered(HttpResponse(WORDS), path="/units/KHB/").has_header("Content-Encoding")


def test_nginx_leaves_the_same_pages_alone():
    conf = Path(settings.BASE_DIR, "deploy/nginx/portal.conf").read_text("utf-8")
    assert re.findall(r"location ~ (\S+) \{\s*gzip off;", conf) == [SHOWS_A_SECRET.pattern]


@pytest.mark.django_db
def test_the_portal_compresses_its_sign_in_page(client):
    answer = client.get("/sign-in/", headers=TAKES_GZIP)

    assert answer["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(answer.content).decode()
