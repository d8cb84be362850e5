"""Pages by keyboard alone: what has the focus is seen, lies on the screen and under nothing, at 400 % zoom and on a narrow phone too."""

import pytest

from tests.calls import fill, published_call, report_of, submitted_report
from tests.reviews import assign

from .walking import overflow

STOPS = 40
SEEN = """() => {
  const active = document.activeElement;
  if (!active || active === document.body) return "body";
  if (active.tagName === "IFRAME") return ""; // what lies in it has the focus
  const shown = active.matches(".btn-check, .visually-hidden") ? document.querySelector(`label[for="${active.id}"]`) || active : active;
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  const name = active.outerHTML.slice(0, 90);
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return `off the screen: ${name}`;
  const ringed = [shown, shown.parentElement].some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  if (!ringed) return `no ring: ${name}`;
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 1), innerHeight - 1);
  const above = document.elementFromPoint(x, y);
  if (above && !shown.contains(above) && !above.contains(shown) && getComputedStyle(above.closest(
    ".savebar, .bulkbar, .tabbar, .stick, .band") || above).position.match(/fixed|sticky/)) return `covered: ${name}`;
  return "";
}"""


def faults(page) -> list[str]:
    """What is wrong at each of the first stops of the Tab key; the end of the page is no fault."""
    found, stops = [], 0
    for _stop in range(STOPS):
        stops += 1
        page.keyboard.press("Tab")
        said = page.evaluate(SEEN)
        if said == "body":
            break
        found += [said] if said else []
    assert stops > 5
    return found


@pytest.fixture
def places(cast):
    open_call = published_call(cast)
    draft = fill(report_of(open_call, cast.a), cast.sara)
    reviewed = published_call(cast, service=open_call.service)
    assign(cast, reviewed)
    submitted_report(cast, reviewed)
    report = report_of(reviewed, cast.a)
    return {
        "entry": (cast.sara, f"/reports/{draft.tracking_code}/edit/housing/"),
        "sign": (cast.reza, f"/reports/{report.tracking_code}/"),
        "review": (cast.omid, f"/reports/{report.tracking_code}/review/"),
        "call": (cast.laleh, f"/calls/{open_call.pk}/"),
        "reports": (cast.laleh, "/reports/"),
    }


# 1280 × 720 seen at 400 %, the narrowest phones, and a screen at work.
WINDOWS = {"wide": (1280, 800), "zoom": (320, 180), "phone": (360, 640)}


@pytest.mark.parametrize("window", ["zoom", pytest.param("wide", marks=pytest.mark.full), pytest.param("phone", marks=pytest.mark.full)])  # fmt: skip
def test_what_has_the_focus_is_seen(open_page, live_server, places, window):
    found = {}
    for name, (person, address) in places.items():
        page = open_page("/account/", as_=person)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size(dict(zip(("width", "height"), WINDOWS[window], strict=True)))
        page.goto(address)
        found[name] = faults(page), overflow(page)
    assert found == dict.fromkeys(places, ([], 0))


def test_forced_colours_keep_the_ring_and_tell_the_open_tab_apart(open_page, live_server, places):
    person, address = places["call"]
    page = open_page("/account/", as_=person)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(address)
    assert faults(page) == []


@pytest.mark.parametrize("width", [320, 360])
def test_the_coordinators_menu_lies_on_the_screen(open_page, live_server, cast, width):
    page = open_page("/account/", as_=cast.laleh)
    page.set_viewport_size({"width": width, "height": 640})
    page.goto("/desk/")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.tabbar a, .tabbar button, .band a, .band button')]
            .filter((part) => part.checkVisibility())
            .filter((part) => { const box = part.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1; })
            .map((part) => part.outerHTML.slice(0, 90))"""
    )
    assert (outside, overflow(page)) == ([], 0)
