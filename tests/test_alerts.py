"""The alert rules and the dashboard of deploy/: what they ask is there, and an alert fires when something stops."""

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from reports.actions.closing import record_closings
from reports.models import Snapshot
from sajad_portal.lib.clock import database_now
from sajad_portal.sweeps import PARTS
from tests import services
from tests.calls import published_call, with_closing
from tests.deployed import Deployed
from tests.faults.races import spin_until
from tests.people import make_cast
from units.enums import Channel
from units.models import Heartbeat, Notice

DEPLOY = settings.BASE_DIR / "deploy"
RULES = DEPLOY / "prometheus" / "portal.rules.yml"


def alerts() -> dict[str, str]:
    """{name: expression}"""
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def panels() -> dict[str, str]:
    """{title and letter: expression}"""
    found = json.loads((DEPLOY / "grafana" / "portal.json").read_text("utf-8"))["panels"]
    return {f"{panel['title']} {target['refId']}": target["expr"] for panel in found for target in panel["targets"]}


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\bportal_\w+", expression))


def names_that_exist() -> set[str]:
    """Every figure that the source names, as Prometheus calls it."""
    folder = settings.BASE_DIR / "sajad_portal" / "watch"
    gauges = re.findall(r'(?:gauge|labelled)\(\s*"(\w+)"', (folder / "figures.py").read_text("utf-8"))
    counts = re.findall(r'(Counter|Histogram)\(\s*"(\w+)"', (folder / "measures.py").read_text("utf-8"))
    found = {f"portal_{name}" for name in gauges}
    for kind, name in counts:
        ends = ("_total",) if kind == "Counter" else ("_bucket", "_sum", "_count")
        found |= {name + end for end in ends}
    return found


def test_alerts_and_dashboard_ask_for_figures_that_there_are():
    asked = {name for expression in (*alerts().values(), *panels().values()) for name in names_in(expression)}

    assert asked - names_that_exist() == set()
    assert len(asked) > 15


def test_what_must_not_stop_unseen_has_an_alert():
    assert {
        "PortalWorkerSilent", "PortalBeatSilent", "PortalSweepLate", "PortalClosingNotRecorded", "PortalMailStuck",
        "PortalDatabaseDown", "PortalRedisDown", "PortalDiskFull", "PortalErrors", "PortalDown",
    } <= alerts().keys()  # fmt: skip


def promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.full
def test_promtool_reads_the_rules_and_they_fire_as_their_own_tests_say():
    assert f"{len(alerts())} rules found" in promtool("check", "rules", RULES.name)
    assert "SUCCESS" in promtool("test", "rules", "portal.tests.yml")
    promtool("check", "config", "--syntax-only", "prometheus.yml")


# ------------------------------------------------------------------------------------------------- Prometheus itself
def wait_for_a_mail_server(so_long: timedelta) -> None:
    """What was mailed at once, as in a test it is, has not left and waits since then."""
    now = database_now()
    mails = Notice.objects.filter(channel=Channel.EMAIL, urgent=True)
    assert mails.update(sent_at=None, attempts=0, next_attempt_at=now, created_at=now - so_long) > 0


class Prometheus:
    def __init__(self, address: str):
        self.address = address

    def ask(self, path: str, **query: str) -> dict:
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.address}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def firing(self) -> set[str]:
        return {one["labels"]["alertname"] for one in self.ask("alerts")["alerts"] if one["state"] == "firing"}


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[Prometheus]:
    """Debian's, with our rules: every duration shorter, so that a test need not wait for minutes."""
    rules = RULES.read_text("utf-8")
    for long, short in ((r"> 90\b", "> 26"), (r" \+ 120\b", " + 8"), (r"> 180\b", "> 12"), (r"3 \* max", "0.2 * max")):
        rules, times = re.subn(long, short, rules)
        assert times, long
    (folder / "portal.rules.yml").write_text(re.sub(r"for: \S+", "for: 1s", rules))
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(folder / "portal.rules.yml")]
    config["scrape_configs"][0] |= {"static_configs": [{"targets": [f"127.0.0.1:{port}"]}], "scrape_timeout": "1s"}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    own = services.free_port()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *("prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"),
                f"--web.listen-address=127.0.0.1:{own}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        found = Prometheus(f"http://127.0.0.1:{own}")
        spin_until(found.is_ready)
        yield found
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_alerts_fire_when_beat_worker_outbox_or_a_sweep_stops_and_end_when_they_go_on(tmp_path, redis_server):
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        pytest.fail("This test needs Debian's Prometheus: apt-get install --no-install-recommends prometheus")
    cast = make_cast()
    call = published_call(cast, grace=timedelta(0))
    with_closing(published_call(cast, grace=timedelta(0), service=call.service), database_now() - timedelta(hours=1))
    assert record_closings() > 0, "which tells people, by mail too"
    deployed = Deployed(tmp_path / "portal")
    (tmp_path / "prometheus").mkdir()
    try:
        deployed.start_web()
        deployed.start("portal-worker", "--concurrency", "1")
        deployed.start("portal-beat")
        spin_until(lambda: Heartbeat.objects.filter(part__in=PARTS.values()).count() == len(PARTS))
        with prometheus(tmp_path / "prometheus", deployed.port) as server:
            spin_until(lambda: "portal_seal_number" in server.ask("label/__name__/values"))
            for title, expression in panels().items():
                assert server.ask("query", query=expression)["resultType"] == "vector", title
            # Stopped, not killed: nothing tells anybody but the silence.
            os.killpg(deployed.processes["portal-beat"].pid, signal.SIGSTOP)
            os.killpg(deployed.processes["portal-worker"].pid, signal.SIGSTOP)
            with_closing(call, database_now() - timedelta(seconds=30))
            wait_for_a_mail_server(timedelta(minutes=30))
            stopped = {"PortalBeatSilent", "PortalSweepLate", "PortalClosingNotRecorded", "PortalMailStuck"}
            spin_until(lambda: stopped <= server.firing())

            os.killpg(deployed.processes["portal-beat"].pid, signal.SIGCONT)
            spin_until(lambda: "PortalBeatSilent" not in server.firing() and "PortalWorkerSilent" in server.firing())

            os.killpg(deployed.processes["portal-worker"].pid, signal.SIGCONT)
            spin_until(lambda: Snapshot.objects.filter(call=call).exists())
            spin_until(lambda: not stopped & server.firing())
            os.killpg(deployed.processes["portal-web"].pid, signal.SIGKILL)
            spin_until(lambda: "PortalDown" in server.firing())
    finally:
        deployed.end()
