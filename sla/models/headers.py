"""The header clause of an agreement: which service, for whom, from whom, through which window."""

from dataclasses import astuple, dataclass, fields

from sajad_portal.lib.language import in_language


@dataclass(frozen=True)
class Header:
    """Persian with optional English. A draft follows the service's card; a published version keeps its own."""

    service_title: str
    service_title_en: str
    definition: str
    definition_en: str
    recipients: str
    recipients_en: str
    provider_name: str
    provider_name_en: str
    window: str

    @classmethod
    def of(cls, service) -> "Header":
        """As the service's card says it now."""
        return cls(
            service.title, service.title_en, service.description, service.description_en,
            service.recipients, service.recipients_en, service.provider.name, service.provider.name_en, service.window,
        )  # fmt: skip

    @classmethod
    def kept(cls, version) -> "Header":
        """As the version froze it at publishing."""
        return cls(*(getattr(version, name) for name in HEADER_FIELDS))

    def as_list(self) -> list[str]:
        return list(astuple(self))

    @property
    def title_here(self) -> str:
        return in_language(self.service_title, self.service_title_en)

    @property
    def definition_here(self) -> str:
        return in_language(self.definition, self.definition_en)

    @property
    def recipients_here(self) -> str:
        return in_language(self.recipients, self.recipients_en)

    @property
    def provider_here(self) -> str:
        return in_language(self.provider_name, self.provider_name_en)


HEADER_FIELDS = tuple(field.name for field in fields(Header))
