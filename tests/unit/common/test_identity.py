"""Tokens: what is accepted and what is refused."""

from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from common.errors import DeniedError
from common.identity import AccessGrant, DeviceGrant, JoinGrant, Signer, ensure_secret

SECRET = "s" * 40
GRANT = JoinGrant(room="ses-1", role="room", publish=["camera"], site_room="dy-1")


def refusal(token: str, now_s: float = 1000.0) -> str:
    with pytest.raises(DeniedError) as caught:
        Signer(SECRET).read_join(token, now_s)
    return caught.value.code


def test_a_token_gives_back_the_grant_it_was_made_from() -> None:
    token = Signer(SECRET).join(GRANT, 60, 1000.0)
    assert Signer(SECRET).read_join(token, 1059.0) == GRANT


def test_a_token_is_refused_after_its_time() -> None:
    assert refusal(Signer(SECRET).join(GRANT, 60, 1000.0), 1071.0) == "token_expired"


def test_a_clock_that_is_ten_seconds_off_is_forgiven() -> None:
    token = Signer(SECRET).join(GRANT, 60, 1000.0)
    assert Signer(SECRET).read_join(token, 1069.0) == GRANT


def test_a_kept_token_is_refused_before_its_lesson_and_good_from_then_on() -> None:
    monday_s, friday_s = 1000.0, 400_000.0
    signer = Signer(SECRET)
    until_s = friday_s + 3000
    token = signer.join(GRANT, until_s - monday_s, monday_s, not_before_s=friday_s)
    assert refusal(token, monday_s) == "token_too_early"
    assert refusal(token, friday_s - 11) == "token_too_early"
    assert signer.read_join(token, friday_s - 9) == GRANT
    assert signer.read_join_until(token, friday_s) == (GRANT, until_s)
    assert refusal(token, until_s + 11) == "token_expired"


def test_a_person_s_token_opens_no_room() -> None:
    token = Signer(SECRET).access(AccessGrant(name="a", roles=["teacher"]), 60, 1000)
    assert refusal(token) == "token_wrong_kind"


@pytest.mark.parametrize(
    "grant",
    [
        AccessGrant(name="王老师", roles=["teacher"]),
        AccessGrant(name="王老师", roles=["teacher"], teacher="wang"),
        AccessGrant(name="校长", roles=["observer"], teacher="li", school="huli"),
    ],
)
def test_a_person_s_token_says_whose_timetable_is_theirs(grant: AccessGrant) -> None:
    signer = Signer(SECRET)
    assert signer.read_access(signer.access(grant, 60, 0), 1.0) == grant


def test_a_person_s_token_from_before_timetables_had_owners_is_good() -> None:
    claims = {
        "aud": "access",
        "iat": 0,
        "exp": 60,
        "grant": {"name": "王老师", "roles": ["teacher"]},
    }
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode()))
    read = Signer(SECRET).read_access(token, 1.0)
    assert read == AccessGrant(name="王老师", roles=["teacher"])
    assert (read.teacher, read.school) == (None, None)


def test_a_token_of_somebody_without_a_timetable_is_as_it_always_was() -> None:
    token = Signer(SECRET).access(AccessGrant(name="x", roles=["teacher"]), 60, 0)
    claims = jwt.decode(token, OctKey.import_key(SECRET.encode())).claims
    assert claims["grant"] == {"name": "x", "roles": ["teacher"]}


def test_a_device_token_names_its_room() -> None:
    token = Signer(SECRET).device(DeviceGrant(site_room="dy-1"), 60, 1000.0)
    assert Signer(SECRET).read_device(token, 1000.0).site_room == "dy-1"


def test_a_token_of_another_secret_is_refused() -> None:
    assert refusal(Signer("t" * 40).join(GRANT, 60, 1000.0)) == "token_invalid"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "é.é.é"])
def test_garbage_is_refused(token: str) -> None:
    assert refusal(token) == "token_invalid"


def test_a_token_that_names_no_algorithm_is_refused() -> None:
    # {"alg":"none"} with the claims of a good token and no signature.
    payload = Signer(SECRET).join(GRANT, 60, 1000.0).split(".")[1]
    assert refusal(f"eyJhbGciOiJub25lIn0.{payload}.") == "token_invalid"


def test_a_token_without_a_grant_is_refused() -> None:
    claims = {"aud": "join", "exp": 2000}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode()))
    assert refusal(token) == "token_invalid"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(DeniedError, match="weak_secret"):
        Signer("short")


def test_an_operator_may_do_everything_and_a_teacher_only_what_is_his() -> None:
    assert AccessGrant(name="o", roles=["operator"]).may("librarian")
    assert not AccessGrant(name="t", roles=["teacher"]).may("librarian")


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    secret = ensure_secret("", tmp_path)
    assert ensure_secret("", tmp_path) == secret
    assert len(secret) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
