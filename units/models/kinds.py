"""What units are: their kinds, and the attributes that describe them. Data that an administrator keeps; none is ever deleted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import in_language
from sajad_portal.lib.numbers import listed, parse_number, plain
from sajad_portal.lib.text import normalise, search_key, sort_key

from ..enums import AttributeType

LONGEST = 300  # letters of a value


class Described(models.Model):
    """A code that is never changed, because calls, forms and files name it, and a name in both languages."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    sort_key = models.CharField(max_length=250, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)  # no unit gets it any more; those that have it keep it

    class Meta:
        abstract = True
        ordering = ["sort_key", "id"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self) -> None:
        """What `save` does to the name; `bulk_create` must call it itself."""
        self.name = normalise(self.name)
        self.sort_key = sort_key(self.name)[:250]

    @property
    def name_here(self) -> str:
        return in_language(self.name, self.name_en)


class UnitKind(Described):
    """A kind of units, such as «ادارهٔ کل». An empty portal has none: each organisation brings its own."""

    unit_count: int  # where `queries.kinds.with_counts` has counted

    class Meta(Described.Meta):
        verbose_name = _("kind of unit")
        verbose_name_plural = _("kinds of units")
        constraints = [
            models.CheckConstraint(name="unit_kind_has_code_and_name", condition=~Q(code="") & ~Q(name="")),
        ]


class UnitAttribute(Described):
    """What can be said of each unit, such as its province. `choices`: the values of one to choose from, as they are shown."""

    type = models.CharField(_("type"), max_length=10, choices=AttributeType.choices)
    choices = models.JSONField(default=list, blank=True)

    unit_count: int  # where `queries.kinds.attributes_with_counts` has counted

    class Meta(Described.Meta):
        verbose_name = _("attribute of units")
        verbose_name_plural = _("attributes of units")
        constraints = [
            models.CheckConstraint(name="unit_attribute_has_code_and_name", condition=~Q(code="") & ~Q(name="")),
            models.CheckConstraint(name="unit_attribute_type_known", condition=Q(type__in=AttributeType.values)),
            models.CheckConstraint(
                name="unit_attribute_choices_of_choice",
                condition=Q(type=AttributeType.CHOICE) & ~Q(choices=[]) | ~Q(type=AttributeType.CHOICE) & Q(choices=[]),
            ),
        ]

    def clean_value(self, typed: str) -> str:
        """The value as it is stored: text of one line, a plain number, or exactly one of the choices; "" for none.

        Raises Refused.
        """
        text = " ".join(normalise(typed).split())
        if not text:
            return ""
        if self.type == AttributeType.NUMBER:
            return plain(parse_number(text))
        if self.type == AttributeType.CHOICE:
            wanted = search_key(text)
            found = next((choice for choice in self.choices if search_key(choice) == wanted), None)
            if found is None:
                said = gettext("“%(value)s” is no value of “%(name)s”. Choose one of: %(choices)s.")
                facts = {"value": text, "name": self.name_here, "choices": listed(self.choices)}
                raise Refused(said % facts, code="no-choice")
            return found
        if len(text) > LONGEST:
            said = gettext("The value of “%(name)s” is longer than 300 letters.")
            raise Refused(said % {"name": self.name_here}, code="too-long")
        return text
