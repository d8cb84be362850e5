from django.urls import path

from .views import account, changes, notices, passwords, people, seats, units

app_name = "units"
urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/theme/", account.theme, name="theme"),
    path("account/password/", passwords.password_change, name="password_change"),
    path("account/seats/<int:pk>/accept/", seats.accept, name="seat_accept"),
    path("account/seats/<int:pk>/decline/", seats.decline, name="seat_decline"),
    path("account/seats/<int:pk>/leave/", seats.leave, name="seat_leave"),
    path("account/seats/<int:pk>/consent/", seats.consent, name="seat_consent"),
    path("account/seats/<int:pk>/refuse/", seats.refuse, name="seat_refuse"),
    path("password/", passwords.password_reset, name="password_reset"),
    path("password/sent/", passwords.password_reset_sent, name="password_reset_sent"),
    path("password/<str:uid>/set/", passwords.password_set, name="password_set"),
    path("password/<str:uid>/<str:token>/", passwords.password_link, name="password_link"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/<int:pk>/follow/", notices.follow_notice, name="notice_follow"),
    # A unit's code begins with a letter or a digit, so that nothing that begins with a dash is one.
    path("units/", units.units, name="units"),
    path("units/-new/", changes.new_unit, name="unit_new_root"),
    path("units/<str:code>/", units.unit, name="unit"),
    path("units/<str:code>/branch/", units.branch, name="unit_branch"),
    path("units/<str:code>/history/", units.unit_history, name="unit_history"),
    path("units/<str:code>/add/", changes.new_unit, name="unit_new"),
    path("units/<str:code>/edit/", changes.edit_unit, name="unit_edit"),
    path("units/<str:code>/move/", changes.move, name="unit_move"),
    path("units/<str:code>/retire/", changes.retire, name="unit_retire"),
    path("units/<str:code>/reinstate/", changes.reinstate, name="unit_reinstate"),
    path("units/<str:code>/invite/", people.invite, name="invite"),
    path("units/<str:code>/people/<int:pk>/", people.member, name="member"),
    path("units/<str:code>/people/<int:pk>/role/", people.member_role, name="member_role"),
    path("units/<str:code>/people/<int:pk>/end/", people.member_end, name="member_end"),
    path("units/<str:code>/people/<int:pk>/link/", people.member_link, name="member_link"),
    path("units/<str:code>/people/<int:pk>/confirm/", people.member_confirm, name="member_confirm"),
]
