"""Small workbooks as other offices write them, one or more for each thing that once imported and did not work."""

from .many_workbooks import PICTURE, Book, choices, group, q

YN = choices("yn", ("y", "بلی"), ("n", "خیر"))
MEALS = choices("meal", ("1", "ناهار"), ("2", "شام"))
WORDS = q("text", "who", "نام شما")
WHO = {"who": "مریم"}
DOUBLES = [
    *choices("city", ("1", "شیراز"), region="fars"), *choices("city", ("1", "یزد شهر"), region="yazd"),
]  # fmt: skip
GRID = choices("rate", ("good", "خوب"), ("bad", "بد"))


def of(*names: str, kind: str = "text") -> list[dict]:
    return [q(kind, name) for name in names]


# ----------------------------------------------------------------------------------------------- plain, and its words
PLAIN = [
    Book(
        "no indicators", [WORDS, q("integer", "n", "شمار")], answers={**WHO, "n": "۱۲"}, values={"n": "12"},
        reads=("نام شما", "مریم", "۱۲"), told=(("bind::sajad:indicator",),),
    ),
    Book(
        "indicators of its own",
        [
            q("integer", "beds", "تخت", **{"bind::sajad:indicator": "BED", "bind::sajad:role": "value", "bind::sajad:weight": 10, "bind::sajad:standard": 20}),
            q("text", "more", "توضیح"),
        ],
        answers={"beds": "10", "more": "همین"}, values={"beds": "10"}, reads=("تخت", "BED"),
    ),
    Book(
        "references in words",
        [
            WORDS, q("integer", "n", "${who} چند شب ماند؟", hint="شب‌های ${who}"),
            q("integer", "m", "کم‌ترین", constraint=". <= ${n}", constraint_message="از ${n} بیشتر نباشد"),
            *group("g", [q("note", "t", "سپاس از ${who}")], "بخش ${who}"),
        ],
        answers={**WHO, "n": "4", "m": "3"}, shows=("مریم چند شب ماند؟", "شب‌های مریم", "سپاس از مریم"), hides=("${",), reads=("مریم چند شب ماند؟",),
    ),
    Book(
        "a message with an answer in it",
        [q("integer", "m", "شمار", constraint=". <= 3", constraint_message="«${m}» از سه بیشتر است")],
        bad={"m": ("7", "از سه بیشتر است")}, answers={"m": "2"}, values={"m": "2"}, hides=("${",),
    ),
    Book(
        "markdown and html",
        [q("note", "hello", "**سلام** و <b>درود</b> <script>x()</script>\n* یک\n* دو"), q("text", "who", "نام _شما_")],
        answers=WHO, shows=("<strong>سلام</strong>", "• یک", "<em>شما</em>", "&lt;script&gt;"), hides=("**سلام",), reads=("نام شما",),
    ),
    Book(
        "pictures beside labels", [WORDS, q("note", "look", "نقشه را ببینید", **{"media::image": "plan.png"})],
        beside={"plan.png": PICTURE}, answers=WHO, shows=('alt="', "/forms/files/"),
    ),
    Book(
        "a picture in SVG has a stand-in", [WORDS, q("note", "look", "نقشه را ببینید", **{"media::image": "Plan.svg"})],
        beside={"plan.png": PICTURE}, answers=WHO, shows=("/forms/files/",),
    ),
    Book(
        "a picture that did not come", [WORDS, q("note", "look", "نقشه", **{"media::image": "plan.png"})], answers=WHO, told=(("plan.png",),),
    ),
    Book(
        "pictures of choices",
        [q("select_one yn", "s", "کدام؟"), WORDS], [{**YN[0], "media::image": "yes.png"}, {**YN[1], "media::image": "no.png"}],
        beside={"yes.png": PICTURE, "no.png": PICTURE + b"1"}, answers={"s": "y", **WHO}, shows=("/forms/files/",), reads=("بلی",),
    ),
    Book(
        "a third language",
        [{"type": "text", "name": "who", "label::Kurdî (ku)": "Navê te", "label::English (en)": "Your name"}],
        settings={"default_language": "Kurdî (ku)"}, answers=WHO, shows=("Navê te",),
    ),
    Book(
        "labels from left to right", [{"type": "text", "name": "who", "label::English (en)": "Your name"}], answers=WHO, shows=('dir="ltr"', "Your name"),
    ),
    Book(
        "headers with a single colon", [{"type": "text", "name": "who", "label:Persian (fa)": "نام شما", "hint:Persian (fa)": "کوتاه"}], answers=WHO, shows=("نام شما", "کوتاه"),
    ),
    Book("required is said", [q("text", "who", "نام", required="yes"), q("text", "more", "باز هم")], answers={**WHO, "more": "هیچ"}, missing=("who",), shows=("الزامی",)),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------- tables and groups
TABLES = [
    Book(
        "repeat with sums",
        [
            *group("people", [q("text", "person", "نام", required="yes"), q("integer", "age", "سن")], "افراد", "repeat"),
            q("calculate", "all", "", calculation="sum(${age})"), q("calculate", "many", "", calculation="count(${people})"),
            q("note", "t", "جمع ${all} و شمار ${many}"), q("text", "more", "توضیح"),
        ],
        table={"people": [{"person": "مریم", "age": "20"}, {"person": "زهرا", "age": "30"}]}, answers={"more": "هیچ"},
        values={"all": "50", "many": "2"}, shows=("جمع ۵۰ و شمار ۲", "افراد"), reads=("مریم", "زهرا"),
    ),
    Book(
        "a repeat alone", group("things", [q("text", "thing", "چیز", required="yes")], "چیزها", "repeat"), table={"things": [{"thing": "تخت"}]}, reads=("تخت",),
    ),
    Book(
        "a group inside a row",
        [*group("dorms", [q("text", "dorm", "خوابگاه"), *group("boss", [q("text", "chief", "نام"), q("text", "call", "تلفن")], "سرپرست")], "خوابگاه‌ها", "repeat"), WORDS],
        table={"dorms": [{"dorm": "یک", "chief": "زهرا", "call": "021"}]}, answers=WHO, shows=('role="group" aria-label="سرپرست"',), reads=("زهرا",),
    ),
    Book(
        "a repeat inside a repeat",
        [
            *group("dorms", [q("text", "dorm", "خوابگاه"), *group("rooms", [q("integer", "seats", "جا")], "اتاق‌ها", "repeat")], "خوابگاه‌ها", "repeat"),
            q("calculate", "all", "", calculation="sum(${seats})"), WORDS,
        ],
        table={"dorms": [{"dorm": "یک", "rooms": [{"seats": "2"}, {"seats": "3"}]}, {"dorm": "دو", "rooms": [{"seats": "4"}]}]},
        answers=WHO, values={"all": "9"},
    ),
    Book(
        "a repeat that a number fills", [q("integer", "n", "چند"), *group("months", [q("integer", "guests", "مهمان")], "ماه‌ها", "repeat", repeat_count="${n}")],
        answers={"n": "2"}, values={"n": "2"}, shows=("ماه‌ها", "مهمان"),
    ),
    Book(
        "a repeat without a heading", [WORDS, *group("things", [q("text", "thing", "چیز")], "", "repeat")], answers=WHO, table={"things": [{"thing": "تخت"}]}, reads=("تخت",),
    ),
    Book(
        "groups in groups", group("a", [q("text", "one"), *group("b", [q("text", "two"), *group("c", of("three"), "گروه سوم")], "گروه دوم")], "گروه یکم"),
        answers={"one": "۱", "two": "۲", "three": "۳"}, shows=("گروه دوم", "گروه سوم", '<h2 class="part-head"', '<h3 class="part-head"'), pages=("گروه یکم",),
    ),
    Book(
        "a group of very many", group("a", [row for n in range(7) for row in group(f"b{n}", of(*(f"q{n}x{m}" for m in range(20))), f"پاره {n}")], "همه"),
        answers={"q0x0": "یک"}, reads=("یک",),
    ),
    Book(
        "questions between groups",
        [q("note", "hello", "خوش آمدید"), *group("a", of("one"), "نخست"), q("text", "between", "میان دو بخش"), *group("b", of("two"), "دوم"), q("note", "thanks", "سپاس")],
        answers={"one": "۱", "two": "۲", "between": "م"}, shows=("خوش آمدید", "میان دو بخش", "سپاس"),
        pages=("نخست", "ادامهٔ پرسش‌ها", "دوم"),
    ),
    Book(
        "heads of tables of choices",
        group("g", [q("select_one rate", "head", "نمره دهید", appearance="label"), q("select_one rate", "food", "غذا", appearance="list-nolabel"), q("select_one rate", "clean", "پاکیزگی", appearance="list-nolabel")], "ارزیابی", appearance="field-list"),
        GRID, answers={"food": "good", "clean": "bad"}, shows=('tbl-stack grid', "نمره دهید"), hides=('name="q:head"',), reads=("خوب",),
    ),
    Book(
        "a table-list", group("g", [q("select_one rate", "food", "غذا"), q("select_one rate", "clean", "پاکیزگی")], "ارزیابی", appearance="table-list"), GRID,
        answers={"food": "good", "clean": "bad"}, shows=('tbl-stack grid',), values={"food": "good"},
    ),
    Book(
        "a loop over choices", [{"type": "begin loop over fruit", "name": "eaten", "label": "خوراک"}, q("integer", "count", "چند %(label)s؟"), {"type": "end loop"}, WORDS], choices("fruit", ("apple", "سیب"), ("pear", "گلابی")),
        answers={"eaten__apple__count": "2", "eaten__pear__count": "3", **WHO}, values={"eaten__apple__count": "2"}, shows=("چند سیب؟", "چند گلابی؟"),
    ),
    Book(
        "a row for each choice", [WORDS, *group("staff", [q("integer", "n", "شمار")], "کارکنان", "repeat", **{"bind::sajad:rows": "meal"})], MEALS, answers=WHO, shows=("ناهار", "شام"),
    ),
]  # fmt: skip

# --------------------------------------------------------------------------------------------- calculations, conditions
CALCULATED = [
    Book(
        "calculations on questions",
        [
            q("integer", "n", "شمار"), q("text", "said", "گفته", calculation="concat('شمار ', ${n})"), q("integer", "twice", "دو برابر", calculation="${n} * 2"),
            q("decimal", "half", "نیم", calculation="${n} div 2"),
        ],
        answers={"n": "5"}, values={"said": "شمار 5", "twice": "10", "half": "2.5"}, shows=("شمار ۵", "۱۰", "۲٫۵"), hides=('name="q:twice"',),
    ),
    Book(
        "labelled rows that nobody is shown", [WORDS, q("calculate", "user", "NO_LABEL", calculation="1 + 1"), q("hidden", "secret", "نهان")],
        answers=WHO, values={"user": "2"}, hides=("NO_LABEL", "نهان"),
    ),
    Book(
        "a trigger", [WORDS, q("text", "b", "ب"), q("calculate", "c", "", calculation="concat(${who}, ${b})", trigger="${who}")],
        answers={"b": "تهران", **WHO}, values={"c": "مریمتهران"},
    ),
    Book("once", [WORDS, q("calculate", "first", "", calculation="once(${who})")], answers=WHO, values={"first": "مریم"}),
    Book(
        "read-only by an expression", [WORDS, q("text", "b", "ب", read_only="${who} = 'x'", required="yes")], answers={**WHO, "b": "باز"}, values={"b": "باز"}, missing=("b",), shows=('name="q:b"',),
    ),
    Book(
        "functions", [
            WORDS, q("calculate", "r", "", calculation="round(-2.5)"), q("calculate", "u", "", calculation="string-length(uuid(8))"),
            q("calculate", "d", "", calculation="format-date-time('2026-12-01T10:20:30.123', '%3')"), q("calculate", "p", "", calculation="round(area('0 0 0 0; 0 1 0 0; 1 1 0 0; 0 0 0 0'), 0) > 0"),
            q("calculate", "x", "", calculation="digest('', 'MD5', 'hex')"),
        ],
        answers=WHO, values={"r": "-2", "u": "8", "d": "123", "p": "true", "x": "d41d8cd98f00b204e9800998ecf8427e"},
    ),
    Book(
        "functions of other programs", [q("integer", "n", "شمار"), q("calculate", "c", "", calculation="item-at('|', 'a|b|c', ${n})"), q("calculate", "m", "", calculation="cht:difference-in-months('2026-01-15', '2026-03-15')")],
        answers={"n": "1"}, values={"c": "b", "m": "2"},
    ),
    Book("what was saved last", [q("text", "who", "نام", default="${last-saved#who}")], answers=WHO, waits_for=("last-saved#",)),
    Book(
        "a table to look things up in", [q("text", "code", "کد"), q("calculate", "town", "", calculation="pulldata('towns', 'name', 'code', ${code})"), q("note", "t", "شهر: ${town}")],
        beside={"towns.csv": "code,name\n71,شیراز\n35,یزد\n".encode()}, answers={"code": "71"}, values={"town": "شیراز"}, shows=("شهر: شیراز",),
    ),
    Book("times that are compared", [q("time", "a", "از"), q("time", "b", "تا", constraint=". > ${a}", constraint_message="پس از آغاز")], answers={"a": "08:30", "b": "16:00"}),
    Book("conditions", [q("select_one yn", "s", "دارد؟"), q("text", "why", "چرا؟", relevant="${s} = 'n'", required="yes")], YN, answers={"s": "n", "why": "تعطیل بود"}, reads=("تعطیل بود",)),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------------- choices
CHOSEN = [
    Book(
        "choices of one name",
        [q("text", "region", "استان"), q("select_one city", "city", "شهر", choice_filter="region = ${region}"), q("calculate", "said", "", calculation="jr:choice-name(${city}, '${city}')")],
        DOUBLES, {"allow_choice_duplicates": "yes"}, answers={"region": "yazd", "city": "1"}, values={"said": "یزد شهر"}, reads=("یزد شهر",),
    ),
    Book(
        "choices of a file", [q("select_one_from_file towns.csv", "town", "شهر", required="yes")], beside={"towns.csv": "name,label\nshz,شیراز\nyzd,یزد\n".encode()},
        answers={"town": "shz"}, missing=("town",), shows=("شیراز",), reads=("شیراز",),
    ),
    Book("choices of a file that did not come", [WORDS, q("select_one_from_file towns.csv", "town", "شهر", required="yes")], answers=WHO, waits_for=("select_one_from_file",)),
    Book(
        "external choices", [q("text", "region", "استان"), q("select_one_external city", "town", "شهر", choice_filter="region=${region}")], choices("other", ("1", "یک")),
        sheets={"external_choices": [*choices("city", ("shz", "شیراز"), region="fars"), *choices("city", ("yzd", "یزد"), region="yazd")]},
        answers={"region": "yazd", "town": "yzd"}, values={"town": "yzd"}, reads=("یزد",),
    ),
    Book("a blank in the name of a choice", [q("select_one l", "s", "کدام؟")], choices("l", ("a b", "دوتایی"), ("c", "تکی")), answers={"s": "a b"}, values={"s": "a b"}, reads=("دوتایی",)),
    Book("remarks among choices", [q("select_one yn", "s", "کدام؟")], [YN[0], {"list_name": "", "name": "", "label": "—— یادداشت ——"}, YN[1]], answers={"s": "y"}, told=(("choices", "۳"),)),
    Book("an order", [q("rank meal", "r", "ترتیب")], MEALS, answers={"r": "2 1"}, values={"r": "2 1"}, reads=("شام",)),
    Book("choices that are searched", [WORDS, q("select_one yn", "s", "کدام؟", appearance="minimal search('shops')", required="yes")], YN, answers=WHO, waits_for=("search()",)),
    Book("several and another", [q("select_multiple yn or_other", "s", "کدام‌ها؟")], YN, answers={"s": "y other", "s_other": "شاید"}, values={"s_other": "شاید"}),
]  # fmt: skip

# --------------------------------------------------------------------------------------------------------------- types
TYPES = [
    Book("places", [q("geopoint", "at", "جا"), q("geotrace", "way", "راه"), q("geoshape", "field", "زمین")], answers={"at": "35.7 51.4"}, values={"at": "35.7 51.4 0 0"}, reads=("جا",)),
    Book("sounds and films", [WORDS, q("audio", "a", "صدا"), q("video", "v", "فیلم")], answers=WHO, files={"a": ("a.mp3", b"ID3\x03" + b"\x00" * 60)}, reads=("a.mp3",)),
    Book("a picture is a picture", [WORDS, q("image", "photo", "عکس")], answers=WHO, files={"photo": ("door.png", PICTURE)}, reads=("door.png",)),
    Book("a barcode", [q("barcode", "b", "بارکد")], answers={"b": "6260000000017"}, values={"b": "6260000000017"}),
    Book("a month and a year", [q("date", "m", "ماه", appearance="month-year"), q("date", "y", "سال", appearance="year")], answers={"m": "1405/09", "y": "1405"}, values={"m": "2026-11-22", "y": "2026-03-21"}, reads=("آذر ۱۴۰۵",)),
    Book("a phone number", [q("phone number", "p", "تلفن")], bad={"p": ("زنگ بزنید", "رقم")}, answers={"p": "09121234567"}, values={"p": "09121234567"}),
    Book("types with a capital", [q("Text", "who", "نام"), *group("g", [q("INTEGER", "n", "شمار")], "بخش"), q("Select_One yn", "s", "؟")], YN, answers={**WHO, "n": "3", "s": "y"}, values={"n": "3"}),
    Book("a sheet of another name", [WORDS], survey="Survey ", answers=WHO),
    Book("entities", [{**WORDS, "save_to": "title"}], sheets={"entities": [{"list_name": "trees", "label": "concat('a', 'b')"}]}, answers=WHO, told=(("save_to",),)),
    Book("what telephones fill", [q("start", "s", ""), q("end", "e", ""), q("today", "t", ""), q("deviceid", "d", ""), WORDS], answers=WHO),
    Book("a range and a tick", [q("range", "r", "از یک تا پنج", parameters="start=1 end=5 step=1"), q("acknowledge", "ok", "درست است", required="yes")], answers={"r": "4", "ok": "OK"}, values={"r": "4"}, missing=("ok",)),
]  # fmt: skip

BOOKS = [*PLAIN, *TABLES, *CALCULATED, *CHOSEN, *TYPES]
