"""The outbox: each mail once a claim, again when it failed; one digest a person and day."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from sajad_portal.lib.clock import TEHRAN, database_now
from tests.factories import make_person
from tests.links import open_link
from units.actions.events import record, tell
from units.actions.notices import MAX_ATTEMPTS, claim_digest, claim_mail, mark_all_read
from units.actions.outbox import send_day_digests, send_urgent
from units.actions.people import ask_for_reset
from units.enums import Channel
from units.models import Digest, Notice
from units.notices import Message


def put(people, subject="گزارش شما", *, urgent=True, url="/desk/") -> list[Notice]:
    from django.db import transaction

    with transaction.atomic():
        event = record("test", noun="thing", key=1, at=database_now(), by=None)
        tell(event, [Message(people, lambda: (subject, "متن اعلان"), url=url, urgent=urgent)])
    return list(Notice.objects.filter(event=event).order_by("id"))


def at_nine(clock) -> None:
    now = clock.now().astimezone(TEHRAN)
    clock.move_to((now + timedelta(days=1)).replace(hour=9, minute=0))


@pytest.mark.django_db
def test_an_urgent_notice_is_mailed_once(cast):
    put([cast.sara])

    assert (send_urgent(), send_urgent()) == (1, 0)
    assert [m.to for m in mail.outbox] == [["sara@example.ir"]]
    assert Notice.objects.get(channel=Channel.EMAIL).sent_at is not None


@pytest.mark.django_db
def test_a_mail_is_persian_right_to_left_and_has_text_and_html(cast):
    put([cast.sara])
    send_urgent()

    letter = mail.outbox[0]
    html = letter.alternatives[0][0]
    assert letter.subject == "گزارش شما"
    assert "سارا محمدی گرامی،" in letter.body
    assert 'dir="rtl"' in html
    assert "/desk/" in letter.body


@pytest.mark.django_db
def test_an_english_reader_gets_an_english_mail(cast):
    cast.sara.language = "en"
    cast.sara.save()
    put([cast.sara])
    send_urgent()

    assert "Dear سارا محمدی," in mail.outbox[0].body
    assert 'dir="ltr"' in mail.outbox[0].alternatives[0][0]


@pytest.mark.django_db
def test_what_is_not_urgent_waits_for_the_digest(cast):
    put([cast.sara], urgent=False)

    assert send_urgent() == 0
    assert mail.outbox == []


@pytest.mark.django_db
def test_who_has_no_e_mail_is_told_in_the_portal_only(cast):
    person = make_person("nomail", email="")

    assert [n.channel for n in put([person])] == [Channel.PORTAL]


@pytest.mark.django_db
def test_the_same_event_tells_a_person_once(cast):
    notices = put([cast.sara, cast.sara])
    event = notices[0].event

    tell(event, [Message([cast.sara], lambda: ("again", ""))])

    assert Notice.objects.filter(event=event, person=cast.sara).count() == 2  # one a channel


@pytest.mark.django_db
def test_a_mail_that_failed_is_tried_again_after_its_backoff(cast, clock, monkeypatch):
    put([cast.sara])
    with monkeypatch.context() as broken:
        broken.setattr("units.actions.outbox.notice_mail", lambda notice: 1 / 0)
        assert send_urgent() == 0
    assert send_urgent() == 0  # the claim still runs

    clock.move(minutes=6)

    assert send_urgent() == 1


@pytest.mark.django_db
def test_one_mail_that_cannot_be_written_keeps_no_other_back(cast, monkeypatch):
    from units.actions import outbox

    put([cast.sara])
    put([cast.mina])
    write = outbox.notice_mail
    monkeypatch.setattr(
        outbox, "notice_mail", lambda notice: 1 / 0 if notice.person_id == cast.sara.pk else write(notice)
    )

    assert send_urgent() == 1
    assert mail.outbox[0].to == ["mina@example.ir"]


@pytest.mark.django_db
def test_after_the_last_attempt_a_mail_is_given_up(cast):
    put([cast.sara])
    Notice.objects.update(attempts=MAX_ATTEMPTS)

    assert send_urgent() == 0


@pytest.mark.django_db
def test_a_claim_that_somebody_has_cannot_be_had_again(cast):
    notice = put([cast.sara])[1]
    seen_by_another = Notice.objects.get(pk=notice.pk)

    assert claim_mail(notice, database_now())
    assert not claim_mail(seen_by_another, database_now())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_sweeps_at_once_each_mail_leaves_once(cast, monkeypatch):
    monkeypatch.setattr("units.actions.events._ring", lambda: None)  # nothing leaves before the sweeps meet
    for _ in range(10):
        put([cast.sara, cast.mina])
    start, counts = threading.Barrier(4), []

    def sweep():
        try:
            start.wait()
            counts.append(send_urgent())
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == len(mail.outbox) == 20


@pytest.mark.django_db
def test_a_line_break_in_a_subject_becomes_a_space(cast):
    put([cast.sara], subject="یک\nBcc: x@example.ir")
    send_urgent()

    assert mail.outbox[0].subject == "یک Bcc: x@example.ir"


# -------------------------------------------------------------------------------------- the digest
@pytest.mark.django_db
def test_a_day_is_one_mail(cast, clock):
    for number in range(3):
        put([cast.sara], f"اعلان {number}", urgent=False)
    put([cast.mina], urgent=False)
    at_nine(clock)

    assert send_day_digests() == 2

    letter = next(m for m in mail.outbox if m.to == ["sara@example.ir"])
    assert letter.subject == "اعلان 0 و ۲ خبر دیگر"
    assert all(f"اعلان {number}" in letter.body for number in range(3))


@pytest.mark.django_db
def test_a_second_digest_waits_for_the_next_day(cast, clock):
    put([cast.sara], urgent=False)
    at_nine(clock)
    send_day_digests()
    put([cast.sara], urgent=False)

    assert send_day_digests() == 0

    clock.move(days=1)

    assert send_day_digests() == 1


@pytest.mark.django_db
def test_nothing_leaves_before_eight_in_tehran(cast, clock):
    put([cast.sara], urgent=False)
    now = clock.now().astimezone(TEHRAN)
    clock.move_to((now + timedelta(days=1)).replace(hour=7, minute=58))

    assert send_day_digests() == 0

    clock.move(minutes=3)

    assert send_day_digests() == 1


@pytest.mark.django_db
def test_a_digest_that_failed_frees_the_day(cast, clock, monkeypatch):
    put([cast.sara], urgent=False)
    at_nine(clock)
    with monkeypatch.context() as broken:
        broken.setattr("units.actions.outbox.digest_mail", lambda person, notices: 1 / 0)
        assert send_day_digests() == 0
    assert Digest.objects.count() == 0

    clock.move(minutes=6)

    assert send_day_digests() == 1


@pytest.mark.django_db
def test_the_day_of_a_digest_is_claimed_once(cast):
    at = database_now()

    assert claim_digest(cast.sara, at) is not None
    assert claim_digest(cast.sara, at) is None


# ------------------------------------------------------------------------------------------- links
@pytest.mark.django_db
def test_the_link_to_a_new_password_is_made_when_the_mail_leaves(cast, client):
    ask_for_reset(name="sara")
    assert not Notice.objects.filter(body__contains="http").exists()
    send_urgent()

    address = next(line for line in mail.outbox[0].body.splitlines() if "/password/" in line)
    assert client.get(open_link(client, address)).status_code == 200


@pytest.mark.django_db
def test_a_notice_does_not_carry_the_link_into_the_portal(cast):
    ask_for_reset(name="sara")

    assert Notice.objects.get(channel=Channel.PORTAL).url == "/account/"


# --------------------------------------------------------------------------------------- the pages
@pytest.mark.django_db
def test_the_bell_counts_what_is_unread(cast, client_for):
    put([cast.sara])
    put([cast.sara])

    page = client_for(cast.sara).get("/notices/").content.decode()

    assert "۲ خوانده‌نشده" in page


@pytest.mark.django_db
def test_following_a_notice_reads_it_and_goes_where_it_points(cast, client_for):
    notice = put([cast.sara], url="/units/")[0]

    answer = client_for(cast.sara).post(f"/notices/{notice.pk}/follow/")

    notice.refresh_from_db()
    assert (answer.url, notice.read_at is not None) == ("/units/", True)


@pytest.mark.django_db
def test_somebody_elses_notice_does_not_exist(cast, client_for):
    notice = put([cast.sara])[0]
    client = client_for(cast.mina)

    assert client.get(f"/notices/{notice.pk}/").status_code == 404
    assert client.post(f"/notices/{notice.pk}/follow/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.django_db
def test_what_came_after_the_page_was_loaded_stays_unread(cast, client_for):
    seen = put([cast.sara])[0]
    later = put([cast.sara])[0]

    client_for(cast.sara).post("/notices/read/", {"newest": str(seen.pk)})

    assert list(Notice.objects.filter(channel=Channel.PORTAL, read_at__isnull=True)) == [later]


@pytest.mark.django_db
def test_reading_all_touches_nobody_else(cast):
    put([cast.sara, cast.mina])

    assert mark_all_read(by=cast.sara) == 1
    assert Notice.objects.get(person=cast.mina, channel=Channel.PORTAL).read_at is None
