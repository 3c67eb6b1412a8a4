"""Messages on the wire: what parses, what is refused, and with which code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ParseError
from common.protocol.base import parse_message
from common.protocol.signalling import Join, SetStage, participant_message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ("[]", "bad_message"),
        ('{"type": "dance"}', "unknown_message"),
        ('{"token": "t"}', "unknown_message"),
        ('{"type": "join"}', "bad_message"),
        ('{"type": "set_stage", "participant": 5, "on_stage": 1}', "bad_message"),
    ],
)
def test_an_unusable_message_is_refused_with_a_code(text: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_message(participant_message, text)
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_parse_error(data: bytes) -> None:
    try:
        parse_message(participant_message, data)
        code = None
    except ParseError as error:
        code = error.code
    assert code in {None, "bad_json", "bad_message", "unknown_message"}


def test_unknown_fields_of_a_newer_peer_are_ignored() -> None:
    text = '{"type": "set_stage", "participant": "p", "on_stage": true, "fanfare": 1}'
    message = parse_message(participant_message, text)
    assert message == SetStage(participant="p", on_stage=True)


def test_a_message_survives_the_wire() -> None:
    join = Join(token="t", name="定远一室", offer="v=0")
    assert parse_message(participant_message, join.to_json()) == join
