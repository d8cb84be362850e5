"""What pyxform says of a workbook, in the reader's words: its errors by their codes, its other sentences by patterns."""

from django.utils.translation import gettext_lazy

from sajad_portal.lib.language import Words

_NO_REFERENCE = gettext_lazy("A reference is written ${name of a question}. Correct what stands here.")
# By pyxform's own codes; `%(…)s` are what it names there.
BY_CODE: dict[str, Words] = {
    "HEADER_001": gettext_lazy("The sheet “%(sheet_name)s” has no row of column titles. Add one as its first row."),
    "HEADER_002": gettext_lazy(
        "On the sheet “%(sheet_name)s” two columns mean the same: “%(other)s” and “%(header)s”. Remove one."
    ),
    "HEADER_003": gettext_lazy("On the sheet “%(sheet_name)s” columns are missing that a form needs: %(missing)s."),
    "HEADER_004": gettext_lazy(
        "A column title on the sheet “choices” is empty or has a blank in it: “%(column)s”. Rename it."
    ),
    "LABEL_001": gettext_lazy("A choice has no label. Write what people read there."),
    "NAMES_003": gettext_lazy("The table “%(value)s” is named like the form itself. Give it another name."),
    "NAMES_004": gettext_lazy("Two tables are named “%(value)s”. Give one of them another name."),
    "NAMES_005": gettext_lazy("The name “meta” is kept for the form itself. Choose another."),
    "NAMES_006": gettext_lazy("A choice has no name. Write the code that is stored for it."),
    "PYREF_001": _NO_REFERENCE,
    "PYREF_002": _NO_REFERENCE,
    "RANGE_001": gettext_lazy("The parameter “%(name)s” of a range is a number. Correct it."),
    "RANGE_002": gettext_lazy("The parameter “%(name)s” of a range is not 0. Correct it."),
    "RANGE_003": gettext_lazy(
        "The parameter “%(name)s” is larger than the range from its start to its end. Correct it."
    ),
    "SURVEY_004": gettext_lazy("Parameters are written as key=value, with a blank between two of them."),
    "SURVEY_005": gettext_lazy("Here only these parameters are known: %(accepted)s. Not known: %(rejected)s."),
    "ENTITY_001": gettext_lazy(
        "“save_to” stands here and the workbook has no sheet “entities”. Remove what stands here."
    ),
    "ENTITY_002": gettext_lazy("Row %(other_row)s saves to “%(saveto)s” too. Change one of them."),
    "ENTITY_003": gettext_lazy("A group or repeat cannot be saved in “save_to”. Remove what stands here."),
    "ENTITY_004": gettext_lazy("The list “%(dataset)s” does not stand on the sheet “entities”. Check its name."),
    "ENTITY_005": gettext_lazy("The list “%(dataset)s” of the sheet “entities” has no label. Write one."),
    "ENTITY_006": gettext_lazy("The list “%(dataset)s” of the sheet “entities” has no “update_if”. Write one."),
    "ENTITY_007": gettext_lazy("The list “%(dataset)s” of the sheet “entities” has no “entity_id”. Write one."),
    "ENTITY_008": gettext_lazy("Write the list in front of what is saved: list#property."),
    "ENTITY_009": gettext_lazy(
        "Two lists of the sheet “entities” (also in row %(other_row)s) stand for the same group."
    ),
    "ENTITY_011": gettext_lazy(
        "The list “%(dataset)s” is used in “%(other_scope)s” and in “%(scope)s” at once. Keep one of them."
    ),
    "ENTITY_012": gettext_lazy(
        "The list “%(dataset)s” names “%(question)s”, which stands in another table. Correct it."
    ),
    "ENTITY_013": gettext_lazy("“save_to” has more than one #. Keep one."),
    "HEADER_005": gettext_lazy("The column “%(column)s” is not read on the sheet “%(sheet)s”. Correct its title."),
    "INTERNAL_001": gettext_lazy("The column “trigger” cannot be read. It names questions: ${name of a question}."),
    "NAMES_001": gettext_lazy("The name “%(value)s” is used twice in its group. Change one of them."),
    "NAMES_002": gettext_lazy(
        "The name “%(value)s” differs from another one in capital letters only; some programs take them for the same."
    ),
    "NAMES_007": gettext_lazy("A choice stands twice in its list. Change one of the names."),
    "NAMES_008": gettext_lazy(
        "What stands in “%(column)s” cannot be a name. Begin with a letter; use letters, digits, “_”, “-” and “.” only."
    ),
    "NAMES_009": gettext_lazy(
        "“%(name)s” cannot be a name. Begin with a letter; use letters, digits, “_”, “-” and “.” only."
    ),
    "NAMES_010": gettext_lazy("What stands in “%(column)s” begins with two underscores. Choose another name."),
    "NAMES_011": gettext_lazy("What stands in “%(column)s” has a dot in it. Choose another name."),
    "NAMES_012": gettext_lazy("What stands in “%(column)s” is “name” or “label”. Choose another name."),
    "NAMES_013": gettext_lazy(
        "There is no sheet “%(sheet)s”, but sheets with a similar name: %(candidates)s. If one of them is meant, rename it."
    ),
    "NAMES_014": gettext_lazy("A list stands twice on the sheet “entities”. Remove one."),
    "NAMES_015": gettext_lazy("A list of the sheet “entities” has no name. Write one."),
    "PYREF_003": gettext_lazy("There is no question named “%(q)s”. Check the name in ${…}."),
    "PYREF_004": gettext_lazy(
        "“%(q)s” is the name of several rows, so ${%(q)s} is not clear. Give them different names."
    ),
    "RANGE_004": gettext_lazy("The parameter “%(name)s” of a range is a multiple of its step. Correct it."),
    "RANGE_005": gettext_lazy("The parameter “%(name)s” of a range lies between its start and its end. Correct it."),
    "RANGE_006": gettext_lazy("The parameter “tick_labelset” names no list of the sheet “choices”. Correct it."),
    "RANGE_007": gettext_lazy("With “no-ticks” the list of “tick_labelset” has exactly two choices. Correct it."),
    "RANGE_008": gettext_lazy(
        "With this appearance a range has no tick_interval, placeholder or tick_labelset. Remove them."
    ),
    "RANGE_009": gettext_lazy("The choices of “tick_labelset” are numbers. Correct them."),
    "RANGE_010": gettext_lazy(
        "The choices of “tick_labelset” lie between the start and the end of the range. Correct them."
    ),
    "RANGE_011": gettext_lazy(
        "The choices of “tick_labelset” are the start of the range and multiples of “%(name)s”. Correct them."
    ),
    "RANGE_012": gettext_lazy(
        "With “no-ticks” the choices of “tick_labelset” are the start and the end of the range. Correct them."
    ),
    "SURVEY_001": gettext_lazy("This row closes nothing: no such group or repeat is open here."),
    "SURVEY_002": gettext_lazy("The group or repeat “%(name)s” is never closed."),
    "SURVEY_003": gettext_lazy("The parameter “incremental” is “true” or is left out. Correct it."),
    "SURVEY_006": gettext_lazy("The parameter “reference-geometry” names a list, a file or a table. Correct it."),
    "SURVEY_007": gettext_lazy("The parameter “capture-accuracy” is a number. Correct it."),
    "SURVEY_008": gettext_lazy("The parameter “warning-accuracy” is a number. Correct it."),
    "SURVEY_009": gettext_lazy("The parameter “allow-mock-accuracy” is “true” or “false”. Correct it."),
}

# Sentences of pyxform that have no code. {pattern: words}, the first that fits; what the groups of the pattern name are the facts.
BY_PATTERN: dict[str, Words] = {
    r"Choice filter not supported with or_other": gettext_lazy(
        "“or_other” and a choice filter do not go together. Remove one of them, and add the choice “other” to the list yourself."
    ),
    r"Choice filter not supported for table-list": gettext_lazy(
        "“table-list” and a choice filter do not go together. Remove one of them."
    ),
    r"list names don't match: (?P<one>\S+) vs\. (?P<other>\S+)": gettext_lazy(
        "All questions of a “table-list” have the same list; here are “%(one)s” and “%(other)s”."
    ),
    r"Please specify choices for this 'or other'": gettext_lazy(
        "The list of this question is empty. Write its choices."
    ),
    r"Audits must always be named": gettext_lazy("An “audit” row has no name, or the name “audit”."),
    r"To include location information": gettext_lazy(
        "For places in the audit give all three: location-priority, location-min-interval, location-max-age."
    ),
    r"(?:Parameter )?(?P<name>[\w-]+) must (?:be set to true or false|have an integer value|be greater|be set to)": gettext_lazy(
        "The parameter “%(name)s” has no such value. Correct it."
    ),
    r"(?P<name>[\w-]+) value must be a number or a reference": gettext_lazy(
        "The parameter “%(name)s” is a number or ${name of a question}."
    ),
    r"Parameters must include (?P<other>[\w-]+)=true to use a (?P<name>[\w-]+)": gettext_lazy(
        "The parameter “%(name)s” needs %(other)s=true beside it."
    ),
    r"Invalid value for (?P<name>[\w-]+)": gettext_lazy("The parameter “%(name)s” has no such value. Correct it."),
    r"There should be an external_choices sheet": gettext_lazy(
        "The workbook has no sheet “external_choices”, where the choices of this question stand."
    ),
    r"List name not in external choices sheet: (?P<name>.+)": gettext_lazy(
        "There is no list “%(name)s” in the sheet “external_choices”."
    ),
    r"List name not in (?:choices|columns) sheet: (?P<name>.+)": gettext_lazy(
        "There is no list “%(name)s” in the sheet “choices”."
    ),
    r"There should be a choices sheet": gettext_lazy(
        "The workbook has no sheet “choices”, where the choices of this question stand."
    ),
    r"Choice names with spaces cannot be added to multiple choice selects\. See \[(?P<name>[^\]]*)\] in \[(?P<list>[^\]]*)\]": gettext_lazy(
        "The choice name “%(name)s” of the list “%(list)s” contains a space. Use letters, digits and _ only."
    ),
    r"should end with one of the supported file extensions: (?P<names>.+)": gettext_lazy(
        "The name of the file ends with one of: %(names)s"
    ),
    r"There is no survey element named '(?P<name>[^']*)'": gettext_lazy(
        "There is no question named “%(name)s”. Check the name in ${…}."
    ),
    r"There are multiple survey elements named '(?P<name>[^']*)'": gettext_lazy(
        "“%(name)s” is the name of several rows, so ${%(name)s} is not clear. Give them different names."
    ),
    r"Repeat loop without list name": gettext_lazy(
        "A loop is written: begin loop over LIST. Write the name of the list."
    ),
    r"Question or group with no name": gettext_lazy(
        "This row has no name. Each question and group needs one, in Latin letters."
    ),
    r"Question with no type": gettext_lazy("This row has no type. Write one, such as text, integer or select_one."),
    r"Unknown question type '(?P<name>[^']*)'": gettext_lazy("“%(name)s” is no question type of XLSForm."),
    r"Missing calculation": gettext_lazy("This calculate has no calculation."),
    r"To use big-image, you must also specify an image for the survey element named (?P<name>\S+?)\.?$": gettext_lazy(
        "“%(name)s” has a big-image and no image. Give both."
    ),
    r"The survey element named '(?P<name>[^']*)' has no label or hint": gettext_lazy(
        "The question “%(name)s” has no label. Write what is asked."
    ),
    r"Media type: (?P<name>\S+) not supported": gettext_lazy(
        "“%(name)s” is no kind of media. They are: image, big-image, audio, video."
    ),
    r"Duplicate column header: (?P<name>.+)": gettext_lazy("The column “%(name)s” stands twice. Keep one of them."),
    r"instance.*(?:same|already|duplicate)|Instance names must be unique": gettext_lazy(
        "Two files or lists of this form have the same name. Rename one."
    ),
    r"The question \$\{(?P<name>[^}]*)\} is not user-visible so it can't be used as a calculation trigger": gettext_lazy(
        "Nobody answers “%(name)s”, so it cannot be a “trigger”. Name a question that is asked."
    ),
}

WARNINGS: dict[str, Words] = {
    r"The 'disabled' column header is not part": gettext_lazy(
        "“disabled” is read, but XLSForm knows it no more. A “relevant” is the usual way."
    ),
    r"Row without name, text, or label is being skipped": gettext_lazy(
        "This row has neither type nor name nor label and is passed over."
    ),
    r"(?P<name>[\w ]+) is no longer supported on most devices": gettext_lazy("“%(name)s” stays empty in the portal."),
    r"(?:Repeat|Group) has no label: \{'name': '(?P<name>[^']*)'": gettext_lazy("“%(name)s” has no label."),
    r"select one external is only meant for filtered selects": gettext_lazy(
        "A select_one_external has a choice filter as a rule; this one has none."
    ),
    r"This form uses or_other and translations": gettext_lazy(
        "“or_other” adds a choice and a question that the workbook does not translate; the portal writes them in Persian and English."
    ),
    r"The form_id and id_string column headers are both": gettext_lazy(
        "The settings have both form_id and id_string; form_id is taken."
    ),
    r"language declarations do not contain valid machine-readable codes: (?P<names>.+?)\. Learn": gettext_lazy(
        "These languages are written without their code, such as Persian (fa): %(names)s"
    ),
    r"Google Sheets submissions|submission_url": gettext_lazy(
        "Where the settings say to send answers is not heeded: answers stay in the portal."
    ),
}
