"""Tariffs of a fiscal year: read whole from a file, published as a new version for ever; or none at all, said aloud."""

import hashlib
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Person

from .. import rules
from ..enums import AgreementVerb
from ..models import Service, TariffRow, TariffTable
from ..queries.tariffs import reading_of, require_tariff_year, table_in_force


def publish_tariffs(
    *, service: Service, year: int, data: bytes, name: str, by: Person, after: int | None = None
) -> TariffTable:
    """The file's rows are the tariffs of that Jalali fiscal year from now on; what was frozen before keeps its price.

    `after`: the version that the publisher saw in force (0: none), where they looked at a preview first.
    Refused: FileRefused (everything that is wrong, by row and column), same-file, wrong-year, changed. Nothing is stored then.
    """
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        at = database_now()
        membership = rules.provider_membership(by, service, at)
        if membership is None:
            raise Forbidden(_("Only a coordinator of the providing unit publishes its tariffs."))
        reading = reading_of(service, year, data, at)
        if after is not None and after != reading.after:
            raise Refused(
                _("Somebody published another version after you looked. Look at the preview again, then publish."),
                code="changed",
            )
        table = TariffTable.objects.create(
            service=service, year=year, number=reading.after + 1, source_name=normalise(PurePath(name).name)[:200],
            sha256=reading.sha256, published_at=at, published_by=by,
        )  # fmt: skip
        TariffRow.objects.bulk_create(
            TariffRow(
                table=table, request_type=row.request_type, rials=row.rials, deposit_id=row.deposit_id, line=row.line,
                note=row.note,
            )
            for row in reading.rows
        )  # fmt: skip
        Service.objects.filter(pk=service.pk).update(updated_at=at)
        record(
            AgreementVerb.PUBLISH, noun="tariffs", key=table.pk, at=at, by=by, membership=membership, path=service.provider.path,
            unit_id=service.provider_id,
            data={
                "year": year, "version": table.number, "file": table.source_name, "sha256": reading.sha256,
                "rials": {row.request_type.code: row.rials for row in reading.rows},
            },
        )  # fmt: skip
    return table


def declare_free(*, service: Service, year: int, by: Person) -> TariffTable:
    """Say that the service is free in that Jalali fiscal year: a version of its table without a row.

    Prices that were frozen stay. A year that is declared free already gives the version that says so. Refused (wrong-year).
    """
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        at = database_now()
        membership = rules.provider_membership(by, service, at)
        if membership is None:
            raise Forbidden(_("Only a coordinator of the providing unit publishes its tariffs."))
        require_tariff_year(year, at)
        last = table_in_force(service, year)
        if last and not last.rows.all():
            return last
        table = TariffTable.objects.create(
            service=service, year=year, number=(last.number if last else 0) + 1, source_name="",
            sha256=hashlib.sha256(b"").hexdigest(), published_at=at, published_by=by,
        )  # fmt: skip
        Service.objects.filter(pk=service.pk).update(updated_at=at)
        record(
            AgreementVerb.DECLARE_FREE, noun="tariffs", key=table.pk, at=at, by=by, membership=membership,
            path=service.provider.path, unit_id=service.provider_id, data={"year": year, "version": table.number},
        )  # fmt: skip
    return table
