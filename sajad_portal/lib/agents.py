"""What a browser says of itself, as people call it. A guess: browsers pretend to be one another, and may say anything."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The first that is found counts: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edg", gettext_lazy("Edge")),
    ("OPR/", gettext_lazy("Opera")),
    ("SamsungBrowser/", gettext_lazy("Samsung Internet")),
    ("Firefox/", gettext_lazy("Firefox")),
    ("FxiOS/", gettext_lazy("Firefox")),
    ("CriOS/", gettext_lazy("Chrome")),
    ("Chrome/", gettext_lazy("Chrome")),
    ("Safari/", gettext_lazy("Safari")),
    ("Trident/", gettext_lazy("Internet Explorer")),
)
_SYSTEMS = (
    ("iPhone", gettext_lazy("iPhone")),
    ("iPad", gettext_lazy("iPad")),
    ("Android", gettext_lazy("Android")),
    ("Windows", gettext_lazy("Windows")),
    ("Macintosh", gettext_lazy("Mac")),
    ("CrOS", gettext_lazy("ChromeOS")),
    ("Linux", gettext_lazy("Linux")),
)
_HANDHELD = ("iPhone", "iPad", "Android")


def device_words(agent: str) -> str:
    """“Firefox on Windows”, in the active language; honest words where nothing is known."""
    browser, system = _found(agent, _BROWSERS), _found(agent, _SYSTEMS)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return str(browser or system or _("A browser that does not say what it is"))


def is_handheld(agent: str) -> bool:
    return any(mark in agent for mark in _HANDHELD)


def _found(agent: str, known) -> str:
    return str(next((words for mark, words in known if mark in agent), ""))
