"""Whose portal this is: one row, written by administrators, read by pages, mails and papers."""

import io
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.organisation import describe_organisation, marked_organisation
from units.actions.outbox import send_urgent
from units.actions.people import ask_for_reset
from units.models import Event, Organisation
from units.queries.organisation import forget, organisation, portal_name

pytestmark = pytest.mark.django_db


def picture(size=(600, 300), kind="PNG") -> ContentFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, format=kind)
    return ContentFile(out.getvalue(), name=f"logo.{kind.lower()}")


def test_an_empty_portal_has_no_name_and_its_pages_stand(client):
    page = client.get(reverse("units:sign_in"))

    assert (organisation().pk, portal_name()) == (None, "سامانه")
    assert page.status_code == 200
    assert "سامانه</title>" in page.content.decode()
    assert "سجاد" not in page.content.decode()


def test_what_an_administrator_writes_stands_on_every_page_at_once(cast, client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        describe_organisation(by=cast.admin, name="سازمان نمونه", portal_name="سنجه")
    page = client.get(reverse("units:sign_in")).content.decode()

    assert "<b>سنجه</b>" in page
    assert "سازمان نمونه" in page


def test_the_same_again_leaves_no_trace_and_what_is_not_given_stays(cast):
    describe_organisation(by=cast.admin, portal_name="سنجه")
    describe_organisation(by=cast.admin, portal_name="سنجه")

    assert Event.objects.filter(noun="organisation").count() == 1
    assert Organisation.objects.get().ministry == "وزارت علوم، تحقیقات و فناوری"


def test_only_an_administrator_writes_it(cast, client_for):
    with pytest.raises(Forbidden):
        describe_organisation(by=cast.laleh, name="دیگری")

    assert client_for(cast.laleh).get(reverse("units:organisation")).status_code == 403


def test_a_stale_page_overwrites_nothing(cast):
    seen = marked_organisation(Organisation.objects.get())
    describe_organisation(by=cast.admin, portal_name="سنجه")
    with pytest.raises(Refused) as refused:
        describe_organisation(by=cast.admin, seen=seen, portal_name="دیگری")

    assert refused.value.code == "organisation-changed"
    assert Organisation.objects.get().portal_name == "سنجه"


def test_without_names_nothing_is_stored(cast):
    with pytest.raises(Refused) as refused:
        describe_organisation(by=cast.admin, name=" ")

    assert refused.value.code == "no-name"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_kept_as_a_small_png_of_its_own(cast, client, kind):
    row = describe_organisation(by=cast.admin, logo=picture(kind=kind))
    forget()
    answer = client.get(reverse("units:logo"))

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.content)).size == (400, 200)
    assert row.logo_sha256 != ""


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo.svg", "file-type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png", "file-content"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 60, "logo.png", "logo-unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 1_100_000, "logo.png", "too-large"),
    ],
)
def test_what_is_no_picture_is_refused(cast, content, name, code):
    with pytest.raises(Refused) as refused:
        describe_organisation(by=cast.admin, logo=ContentFile(content, name=name))

    assert refused.value.code == code
    assert Organisation.objects.get().logo_sha256 == ""


def test_a_logo_of_too_many_pixels_is_refused_before_it_is_unpacked(cast):
    with pytest.raises(Refused) as refused:
        describe_organisation(by=cast.admin, logo=picture((4001, 10)))

    assert refused.value.code == "logo-too-large"


def test_a_logo_can_be_taken_away(cast):
    describe_organisation(by=cast.admin, logo=picture())
    describe_organisation(by=cast.admin, without_logo=True)

    assert (Organisation.objects.get().logo.name, Organisation.objects.get().logo_sha256) == ("", "")


def test_mails_come_from_its_sender_and_carry_its_name(cast):
    describe_organisation(by=cast.admin, portal_name="سنجه", mail_from="sanjeh@example.ir")
    forget()
    ask_for_reset(name="reza")
    send_urgent()

    name, address = parseaddr(mail.outbox[0].from_email)
    assert (str(make_header(decode_header(name))), address) == ("سنجه", "sanjeh@example.ir")
    assert "سنجه" in mail.outbox[0].body
