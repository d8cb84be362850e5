from django.urls import path, register_converter
from django.urls.converters import StringConverter

from .views import (
    account,
    accounts,
    changes,
    deputies,
    factors,
    kinds,
    notices,
    organisation,
    passwords,
    people,
    people_file,
    proving,
    seats,
    sessions,
    units,
    window,
)


class DescribedConverter(StringConverter):
    """Which of the two: the kinds of units, or their attributes."""

    regex = "kinds|attributes"


class UnitCodeConverter(StringConverter):
    """A unit's code begins with a letter or a digit; what begins with a dash is a page about all units."""

    regex = "[^/-][^/]*"


register_converter(DescribedConverter, "described")
register_converter(UnitCodeConverter, "unit")

app_name = "units"
urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-in/factor/", proving.factor_asked, name="factor_asked"),
    path("sign-in/window/", window.window, name="window"),
    path("sign-in/window/back/", window.window_back, name="window_back"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/theme/", account.theme, name="theme"),
    path("account/password/", passwords.password_change, name="password_change"),
    path("account/session/", sessions.session, name="session"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/sessions/end-others/", sessions.end_others, name="sessions_end_others"),
    path("account/sessions/<int:pk>/end/", sessions.end, name="session_end"),
    path("account/factors/", factors.factors, name="factors"),
    path("account/factors/app/", factors.set_up_app, name="factor_app"),
    path("account/factors/key/", factors.set_up_key, name="factor_key"),
    path("account/factors/codes/", factors.recovery_codes, name="factor_codes"),
    path("account/factors/codes/file/", factors.codes_file, name="factor_codes_file"),
    path("account/factors/codes/kept/", factors.codes_kept, name="factor_codes_kept"),
    path("account/factors/<int:pk>/rename/", factors.rename_one, name="factor_rename"),
    path("account/factors/<int:pk>/remove/", factors.remove_one, name="factor_remove"),
    path("account/seats/<int:pk>/accept/", seats.accept, name="seat_accept"),
    path("account/seats/<int:pk>/decline/", seats.decline, name="seat_decline"),
    path("account/seats/<int:pk>/leave/", seats.leave, name="seat_leave"),
    path("account/seats/<int:pk>/consent/", seats.consent, name="seat_consent"),
    path("account/seats/<int:pk>/refuse/", seats.refuse, name="seat_refuse"),
    path("password/", passwords.password_reset, name="password_reset"),
    path("password/sent/", passwords.password_reset_sent, name="password_reset_sent"),
    path("password/<str:uid>/set/", passwords.password_set, name="password_set"),
    path("password/<str:uid>/<str:token>/", passwords.open_password_link, name="password_link"),
    path("organisation/", organisation.organisation_edit, name="organisation"),
    path("organisation/logo/", organisation.logo, name="logo"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/<int:pk>/follow/", notices.follow_notice, name="notice_follow"),
    path("people/", accounts.people, name="people"),
    path("people/-import/", people_file.people_import, name="people_import"),
    path("people/-import/store/", people_file.people_import_store, name="people_import_store"),
    path("people/<int:pk>/", accounts.person, name="person"),
    path("people/<int:pk>/correct/", accounts.correct, name="person_correct"),
    path("people/<int:pk>/close/", accounts.close, name="person_close"),
    path("people/<int:pk>/reopen/", accounts.reopen, name="person_reopen"),
    path("people/<int:pk>/sessions/end/", accounts.sign_out_everywhere, name="person_sessions_end"),
    path("people/<int:pk>/factor/reset/", factors.reset_propose, name="factor_reset_propose"),
    path("people/<int:pk>/factor/reset/confirm/", factors.reset_confirm, name="factor_reset_confirm"),
    path("people/<int:pk>/factor/reset/withdraw/", factors.reset_withdraw, name="factor_reset_withdraw"),
    path("units/", units.units, name="units"),
    path("units/-new/", changes.new_unit, name="unit_new_root"),
    path("units/-kinds/", kinds.kinds, name="kinds"),
    path("units/-<described:noun>/new/", kinds.new_kind, name="kind_new"),
    path("units/-<described:noun>/<str:code>/edit/", kinds.edit_kind, name="kind_edit"),
    path("units/-<described:noun>/<str:code>/close/", kinds.close_kind, name="kind_close"),
    path("units/-<described:noun>/<str:code>/reopen/", kinds.reopen_kind, name="kind_reopen"),
    path("units/<unit:code>/", units.unit, name="unit"),
    path("units/<str:code>/branch/", units.branch, name="unit_branch"),
    path("units/<str:code>/history/", units.unit_history, name="unit_history"),
    path("units/<str:code>/add/", changes.new_unit, name="unit_new"),
    path("units/<str:code>/edit/", changes.edit_unit, name="unit_edit"),
    path("units/<str:code>/move/", changes.move, name="unit_move"),
    path("units/<str:code>/reinstate/", changes.reinstate, name="unit_reinstate"),
    path("units/<str:code>/invite/", people.invite, name="invite"),
    path("units/<str:code>/invitations/again/", people.invitations_again, name="invitations_again"),
    path("units/<str:code>/people/<int:pk>/again/", people.member_again, name="member_again"),
    path("units/<str:code>/people/<int:pk>/", people.member, name="member"),
    path("units/<str:code>/people/<int:pk>/role/", people.member_role, name="member_role"),
    path("units/<str:code>/people/<int:pk>/dates/", people.member_dates, name="member_dates"),
    path("units/<str:code>/people/<int:pk>/deputy/", deputies.deputy, name="deputy"),
    path("units/<str:code>/people/<int:pk>/end/", people.member_end, name="member_end"),
    path("units/<str:code>/people/<int:pk>/link/", people.member_link, name="member_link"),
    path("units/<str:code>/people/<int:pk>/confirm/", people.member_confirm, name="member_confirm"),
]
