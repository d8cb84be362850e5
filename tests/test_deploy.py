"""What deploy/ hands to nginx. That it loads and serves was tried with nginx itself; here stands what must not be lost again."""

import re

import pytest
from django.conf import settings

NGINX = settings.BASE_DIR / "deploy" / "nginx"
CONF = (NGINX / "portal.conf").read_text("utf-8")
CODE = re.sub(r"#.*", "", CONF)


def blocks(kind: str) -> list[str]:
    """The bodies of `kind … { … }` that hold no other block."""
    return re.findall(kind + r"[^{}]*\{([^{}]*)\}", CODE)


def test_it_loads_on_debian_12_too():
    """`http2 on` came with nginx 1.25.1; Debian 12 has 1.22."""
    assert "http2 on" not in CODE
    assert CODE.count("ssl http2") == 4


def test_a_location_with_headers_of_its_own_repeats_the_one_of_https():
    own = [block for block in blocks("location") if "add_header" in block]

    assert len(own) == 2
    assert [block for block in own if "Strict-Transport-Security" not in block] == []


def test_who_comes_with_another_name_gets_no_answer():
    (default,) = [block for block in blocks("server") if "default_server" in block]

    assert "return 444;" in default
    assert "ssl_reject_handshake on;" in default
    assert "$host$request_uri" not in CODE, "a redirect to whatever name was sent"


def test_pages_with_a_link_that_sets_a_password_are_not_compressed():
    (pattern,) = re.findall(r"location ~ (\S+) \{\s*gzip off;", CODE)

    for path in ("/password/MQ/abc/", "/units/KHB/invite/", "/units/KHB/people/7/link/"):
        assert re.match(pattern, path), path
    assert not re.match(pattern, "/units/KHB/")


def logged(address: str, variable: str = "portal_logged") -> str:
    """What nginx's log has of an address, by the map of that variable; the first pattern that fits counts."""
    (body,) = re.findall(rf"map \S+ \${variable} \{{(.*?)\n\}}", CONF, re.DOTALL)
    for pattern, kept in re.findall(r'^\s*"~\*(.+?)"\s+"(\$\w+)\.\.\.";', body, re.MULTILINE):
        if found := re.match(pattern.replace("(?<", "(?P<"), address, re.IGNORECASE):
            return f"{found[kept[1:]]}..."
    return address


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/password/MzM5/diushj-75ed/", "/password/..."),
        ("/password/MzM5/set/", "/password/..."),
        ("/%70assword/MzM5/diushj-75ed/", "/%70assword/..."),
        ("/PASSWORD%2FMzM5", "/PASSWORD%2F..."),
        ("/track/?code=1405Q2-C03Y", "/track/?..."),
        ("/track?code=1405Q2-C03Y", "/track?..."),
        ("/verify/?code=ABC", "/verify/..."),
        ("/verify/ABC-DEF/", "/verify/..."),
        ("/sign-in/?next=/track/%3Fcode%3D1405Q2", "/sign-in/?..."),
        ("/password/", "/password/"),
        ("/track/", "/track/"),
        ("/desk/?page=2", "/desk/?page=2"),
        ("/account/password/", "/account/password/"),
    ],
)
def test_the_log_has_nothing_of_an_address_that_opens_something(address, kept):
    assert logged(address) == kept


def test_nor_of_such_a_page_that_somebody_came_from():
    site = "https://portal.example.ir"

    assert logged(f"{site}/password/MzM5/diushj/", "portal_referer") == f"{site}/password/..."
    assert logged(f"{site}/track/?code=1405Q2", "portal_referer") == f"{site}/track/?..."
    assert logged(f"{site}/desk/", "portal_referer") == f"{site}/desk/"


def test_every_server_that_logs_uses_that_form_and_errors_there_go_nowhere():
    assert re.findall(r"access_log ([^;]+);", CODE) == [
        "off", "/var/log/nginx/access.log portal", "/var/log/nginx/access.log portal", "off",
    ]  # fmt: skip
    assert CODE.count("error_log /dev/null emerg;") == 2
    unit = (settings.BASE_DIR / "deploy" / "systemd" / "portal-web.service").read_text("utf-8")
    assert "--logger-class sajad_portal.web_log.WebLog" in unit


def test_each_error_page_that_is_named_is_there_in_persian_and_needs_nothing_else():
    named = set(re.findall(r"/portal-errors/([\w-]+\.html)", CODE))
    there = {path.name for path in (NGINX / "errors").iterdir()}

    assert named == there == {
        "bad-request.html", "busy.html", "maintenance.html", "not-found.html", "too-large.html",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["bad-request", "busy", "maintenance", "not-found", "too-large"])
def test_an_error_page_stands_by_itself(name):
    page = (NGINX / "errors" / f"{name}.html").read_text("utf-8")

    assert '<html lang="fa" dir="rtl">' in page
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page) == ["/"]


def test_only_tries_of_passwords_wait_their_turn_and_an_office_behind_one_address_gets_in():
    """Two hundred people of one address within a second: they wait, nobody is turned away. Every other page has no limit."""
    (tries,) = re.findall(r'"~(\S+ \S+)" \$binary_remote_addr;', CODE)
    (burst,) = re.findall(r"limit_req\s+zone=portal_try burst=(\d+);", CODE)

    for asked in ("POST /sign-in/", "POST /password/", "POST /password/MQ/abc/"):
        assert re.match(tries, asked), asked
    for asked in (
        "GET /sign-in/",
        "POST /reports/1405Q2-X/edit/housing/",
        "POST /account/password/",
        "GET /password/MQ/abc/",
    ):
        assert not re.match(tries, asked), asked
    assert int(burst) >= 200
