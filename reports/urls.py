from django.urls import include, path

from .api.interface import addresses
from .views.agreements import unit as agreement_of_unit
from .views.analysis import (
    indicators as analysis_indicators,
)
from .views.analysis import (
    page as analysis,
)
from .views.analysis import (
    periods as analysis_periods,
)
from .views.analysis import (
    tree as analysis_tree,
)
from .views.analysis import (
    units as analysis_units,
)
from .views.analysis import (
    years as analysis_years,
)
from .views.calls import changes as call_actions
from .views.calls import extensions, progress
from .views.calls import files as call_files
from .views.calls import list as calls
from .views.calls import page as call
from .views.calls import units as call_units
from .views.desk import page as desk
from .views.disputes import filing as dispute_filing
from .views.disputes import page as disputes
from .views.entry import evidence
from .views.entry import page as entry
from .views.entry import workbook as entry_workbook
from .views.exports import page as exports
from .views.exports import reports as report_exports
from .views.forms import files as form_files
from .views.forms import page as forms
from .views.forms.overlay import form_overlay
from .views.forms.preview import form_preview, form_preview_frame
from .views.help import page as help
from .views.oversight import page as oversight
from .views.payments import export as payments_export
from .views.payments import ledger as payments
from .views.payments import paying, reconciliation, refunds
from .views.public import home, seals, track, verify
from .views.receipt import page as receipt
from .views.report import list as reports_list
from .views.report import page as report
from .views.requests import list as requests
from .views.requests import page as general_request
from .views.requests import room as request_room
from .views.result import announce, letter
from .views.result import page as result
from .views.review import hand_over, returns, reviewers
from .views.review import page as review
from .views.review import queue as review_queue
from .views.services import closing as service_closing
from .views.services import history as service_history
from .views.services import page as services
from .views.setup import keeping
from .views.setup import page as setup
from .views.sign import page as sign
from .views.units import decider
from .views.units import endings as unit_endings
from .views.units import imports as unit_imports

app_name = "reports"
urlpatterns = [
    # programs
    path("api/v1/", include((addresses(), "api"))),
    path("", home.home, name="home"),
    path("help/", help.help_page, name="help"),
    path("setup/", setup.setup, name="setup"),
    path("setup/keeping/", keeping.keeping, name="keeping"),
    path("services/<slug:slug>/history/", service_history.service_history, name="service_history"),
    path("services/<slug:slug>/history/store/", service_history.service_history_store, name="service_history_store"),
    path("services/<slug:slug>/close/", service_closing.service_close, name="service_close"),
    # an agreement as a unit stands to it
    path("agreements/<int:pk>/units/<str:code>/", agreement_of_unit.agreement_of_unit, name="agreement_of_unit"),
    path(
        "agreements/<int:pk>/units/<str:code>/agreement.pdf",
        agreement_of_unit.agreement_of_unit_pdf,
        name="agreement_of_unit_pdf",
    ),
    # who decides about a unit where no coordinator may
    path("units/<str:code>/decider/", decider.unit_decider, name="unit_decider"),
    path("units/<str:code>/decider/<int:service_pk>/", decider.unit_decider, name="unit_decider_of"),
    # analysis
    path("analysis/", analysis.analysis, name="analysis"),
    path("analysis/calls/<int:pk>/", analysis.league, name="analysis_league"),
    path("analysis/calls/<int:pk>/against/", analysis_periods.period_against, name="analysis_against"),
    path("analysis/calls/<int:pk>/compare/", analysis_units.compare, name="analysis_compare"),
    path("analysis/calls/<int:pk>/indicators/", analysis_indicators.indicators, name="analysis_indicators"),
    path("analysis/calls/<int:pk>/indicators/<str:code>/", analysis_indicators.indicator, name="analysis_indicator"),
    path("analysis/calls/<int:pk>/report/", exports.period_report, name="analysis_period_report"),
    path("analysis/calls/<int:pk>/tree/", analysis_tree.tree, name="analysis_tree"),
    path("analysis/calls/<int:pk>/what-if/", analysis_periods.what_if, name="analysis_what_if"),
    path("analysis/units/<str:code>/", analysis_units.unit_profile, name="analysis_unit"),
    path("analysis/years/", analysis_years.years, name="analysis_years"),
    path("analysis/years/<str:code>/", analysis_years.year, name="analysis_year"),
    path("analysis/years/<str:code>/export.xlsx", analysis_years.year_xlsx, name="analysis_year_xlsx"),
    path("analysis/years/<str:code>/results/", analysis_years.year_results, name="analysis_year_results"),
    path("analysis/years/<str:code>/results.csv", analysis_years.year_csv, name="analysis_year_csv"),
    # calls
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.call_new, name="call_new"),
    path("units/-import/", unit_imports.units_import, name="units_import"),
    path("units/<str:code>/retire/", unit_endings.retire, name="unit_retire"),
    path("units/<str:code>/left-open/", unit_endings.left_open, name="unit_left_open"),
    path("units/-import/store/", unit_imports.units_import_store, name="units_import_store"),
    path("calls/<int:pk>/", call.call, name="call"),
    path("calls/<int:pk>/export/", report_exports.call_export, name="call_export"),
    path("calls/<int:pk>/export/codebook.csv", report_exports.call_codebook, name="call_codebook"),
    path("calls/<int:pk>/audience/", call.call_audience, name="call_audience"),
    path("calls/<int:pk>/clone/", calls.call_clone, name="call_clone"),
    path("calls/<int:pk>/do/<slug:action>/", call_actions.call_action, name="call_action"),
    path("calls/<int:pk>/edit/", calls.call_edit, name="call_edit"),
    path("calls/<int:pk>/extensions/", extensions.extensions, name="extensions"),
    path("calls/<int:pk>/files/", call_files.call_files, name="call_files"),
    path("calls/<int:pk>/history/", call.call_history_page, name="call_history"),
    path("calls/<int:pk>/progress/", progress.call_progress, name="call_progress"),
    path("calls/<int:pk>/progress/live/", progress.progress_live, name="progress_live"),
    path("calls/<int:pk>/progress/pace/", progress.progress_pace, name="progress_pace"),
    path("calls/<int:pk>/progress/people/", progress.progress_people, name="progress_people"),
    path("calls/<int:pk>/progress/sections/", progress.progress_sections, name="progress_sections"),
    path("calls/<int:pk>/publish/", call_actions.call_publish, name="call_publish"),
    path("calls/<int:pk>/snapshots/", call.call_snapshots, name="call_snapshots"),
    path("calls/<int:pk>/units/<slug:action>/", call_units.call_units, name="call_units"),
    path("extensions/<int:pk>/", extensions.extension, name="extension"),
    path("reports/<str:code>/extension/", extensions.extension_ask, name="extension_ask"),
    # the desk
    path("desk/", desk.desk, name="desk"),
    # disputes
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/new/", dispute_filing.dispute_new, name="dispute_new"),
    path("disputes/<int:pk>/", disputes.dispute, name="dispute"),
    path("disputes/<int:pk>/files/<int:file_pk>/", disputes.dispute_file, name="dispute_file"),
    path("disputes/<int:pk>/lines/", disputes.answer_contested, name="dispute_lines"),
    path("disputes/<int:pk>/offer/", dispute_filing.dispute_offer, name="dispute_offer"),
    path("disputes/<int:pk>/offers/<int:number>/<slug:action>/", disputes.dispute_answer, name="dispute_answer"),
    path("disputes/<int:pk>/position/", disputes.dispute_position, name="dispute_position"),
    path("disputes/<int:pk>/withdraw/", disputes.dispute_withdraw, name="dispute_withdraw"),
    path("disputes/<int:pk>/write/", disputes.dispute_write, name="dispute_write"),
    path("reports/<str:code>/contest/", dispute_filing.contest, name="contest"),
    path("reports/<str:code>/contest/<slug:subject>/<int:key>/", dispute_filing.contest_other, name="contest_other"),
    # files made in the background
    path("exports/", exports.exports, name="exports"),
    path("exports/<str:key>/", exports.export, name="export"),
    path("exports/<str:key>/again/", exports.export_again, name="export_again"),
    path("exports/<str:key>/file/", exports.export_file, name="export_file"),
    # forms
    path("forms/", forms.forms, name="forms"),
    path("forms/import/", forms.form_import, name="form_import"),
    path("forms/sample/", forms.form_sample, name="form_sample"),
    path("forms/files/<str:sha256>/", form_files.beside_file, name="form_file"),
    path("forms/<int:pk>/", forms.form, name="form"),
    path("forms/<int:pk>/files/", form_files.add_files, name="form_files"),
    path("forms/<int:pk>/confirm/", forms.form_confirm, name="form_confirm"),
    path("forms/<int:pk>/guide/", forms.form_guide, name="form_guide"),
    path("forms/<int:pk>/overlay/", form_overlay, name="form_overlay"),
    path("forms/<int:pk>/preview/", form_preview, name="form_preview"),
    path("forms/<int:pk>/preview/frame/", form_preview_frame, name="form_preview_frame"),
    # oversight
    path("oversight/", oversight.oversight, name="oversight"),
    path("oversight/export.xlsx", oversight.oversight_xlsx, name="oversight_xlsx"),
    path("oversight/<slug:key>/", oversight.oversight_list, name="oversight_list"),
    path("oversight/<slug:key>.csv", oversight.oversight_csv, name="oversight_csv"),
    # a unit's report
    path("reports/", reports_list.reports, name="reports"),
    path("reports/export/", report_exports.list_export, name="list_export"),
    path("reports/<str:code>/", report.report, name="report"),
    path("reports/<str:code>/ask/", sign.ask, name="report_ask"),
    path("reports/<str:code>/edit/", entry.start, name="report_edit"),
    path("reports/<str:code>/edit/<str:section>/", entry.edit, name="report_edit"),
    path("reports/<str:code>/evidence/", evidence.add, name="evidence_add"),
    path("reports/<str:code>/evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("reports/<str:code>/evidence/<int:pk>/remove/", evidence.remove, name="evidence_remove"),
    path("reports/<str:code>/recall/", sign.recall, name="report_recall"),
    path("reports/<str:code>/receipt/", receipt.receipt, name="report_receipt"),
    path("reports/<str:code>/send-back/", sign.back, name="report_send_back"),
    path("reports/<str:code>/sign/", sign.sign, name="report_sign"),
    path("reports/<str:code>/time/", entry.time_left, name="report_time"),
    path("reports/<str:code>/workbook/", entry_workbook.workbook, name="report_workbook"),
    path("reports/<str:code>/workbook/report.xlsx", entry_workbook.workbook_file, name="report_workbook_file"),
    path("reports/<str:code>/workbook/store/", entry_workbook.workbook_store, name="report_workbook_store"),
    path("reports/<str:code>/withdraw/", sign.withdraw, name="report_withdraw"),
    # paying
    path("extensions/<int:pk>/pay/", paying.extension_pay, name="extension_pay"),
    path("payments/", payments.payments, name="payments"),
    path("payments/export.csv", payments_export.payments_csv, name="payments_csv"),
    path("payments/export.xlsx", payments_export.payments_xlsx, name="payments_xlsx"),
    path("payments/ledger/", payments.movements, name="movements"),
    path("payments/reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("payments/refunds/", refunds.refunds, name="refunds"),
    path("payments/refunds/<int:pk>/consent/", refunds.refund_consent, name="refund_consent"),
    path("payments/refunds/<int:pk>/decline/", refunds.refund_decline, name="refund_decline"),
    path("payments/refunds/<int:pk>/payout/", refunds.refund_payout, name="refund_payout"),
    path("payments/return/<str:order_id>/", paying.payment_return, name="payment_return"),
    path("payments/statement/", payments.statement, name="statement"),
    path("payments/<str:order_id>/", payments.payment, name="payment"),
    path("payments/<str:order_id>/refund/", refunds.refund_propose, name="refund_propose"),
    path("payments/<str:order_id>/receipt.pdf", payments.payment_receipt, name="payment_receipt"),
    path("reports/<str:code>/pay/", paying.report_pay, name="report_pay"),
    # what units ask for by themselves
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.request_new, name="request_new"),
    path("requests/room/<str:code>/", request_room.request_room, name="request_room"),
    path("requests/<int:pk>/", general_request.general_request, name="request"),
    path("requests/<int:pk>/contest/", general_request.request_contest, name="request_contest"),
    path("requests/<int:pk>/contest/fee/", general_request.request_contest_fee, name="request_contest_fee"),
    path("requests/<int:pk>/decide/", general_request.request_decide, name="request_decide"),
    path("requests/<int:pk>/edit/", general_request.request_edit, name="request_edit"),
    path("requests/<int:pk>/file/", general_request.request_send, name="request_send"),
    path("requests/<int:pk>/files/<int:file_pk>/", general_request.request_file, name="request_file"),
    path(
        "requests/<int:pk>/files/<int:file_pk>/remove/", general_request.request_file_remove, name="request_file_remove"
    ),
    path("requests/<int:pk>/pay/", paying.request_pay, name="request_pay"),
    path("requests/<int:pk>/withdraw/", general_request.request_withdraw, name="request_withdraw"),
    path("requests/<int:pk>/write/", general_request.request_write, name="request_write"),
    # results
    path("calls/<int:pk>/announce/", announce.announce, name="announce"),
    path("calls/<int:pk>/announce/<str:key>/", announce.announce_order, name="announce_order"),
    path("reports/<str:code>/letter.pdf", letter.letter, name="letter"),
    path("reports/<str:code>/letter/", letter.letter_page, name="letter_page"),
    path("reports/<str:code>/result/", result.report_result, name="report_result"),
    path("reports/<str:code>/result/revise/", result.result_revise, name="result_revise"),
    # reviewing
    path("calls/<int:pk>/reviewers/", reviewers.call_reviewers, name="call_reviewers"),
    path("calls/<int:pk>/reviewers/hand-over/<int:reviewer_pk>/", hand_over.hand_over, name="hand_over"),
    path("calls/<int:pk>/reviewers/<int:assignment_pk>/", reviewers.reviewer_end, name="reviewer_end"),
    path("reports/<str:code>/return/", returns.report_return, name="report_return"),
    path("reports/<str:code>/return/withdraw/", returns.return_withdraw, name="return_withdraw"),
    path("reports/<str:code>/review/", review.report_review, name="report_review"),
    path("reports/<str:code>/review/answers/", review.review_answers, name="review_answers"),
    path("reports/<str:code>/review/hand-in/", review.review_hand_in, name="review_hand_in"),
    path("reports/<str:code>/review/item/", review.review_item, name="review_item"),
    path("reports/<str:code>/review/lead/", review.review_lead, name="review_lead"),
    path("reports/<str:code>/review/score/", review.review_score, name="review_score"),
    path("reports/<str:code>/review/settle/", review.review_settle, name="review_settle"),
    path("reports/<str:code>/review/start/", review.review_start, name="review_start"),
    path("review/", review_queue.review_queue, name="review_queue"),
    # services, for anybody
    path("services/", services.services, name="services"),
    path("services/<slug:slug>/", services.service, name="service"),
    # tracking and verifying, for anybody
    path("track/", track.track, name="track"),
    path("verify/", verify.verify, name="verify"),
    path("verify/seals/", seals.seals, name="seals"),
    path("verify/<str:code>/", verify.verify_code, name="verify_code"),
]
