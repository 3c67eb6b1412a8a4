from common.ids import ParticipantId
from sfu.speaker import SILENT_S, TAKE_OVER_S, DominantSpeaker

TEACHER, NORTH = ParticipantId("teacher"), ParticipantId("north")
BOTH = {TEACHER, NORTH}


def talk(
    speaker: DominantSpeaker, start: float, seconds: float, **levels: float
) -> ParticipantId | None:
    """Levels four times a second, as the engine tells them."""
    now, said = start, None
    while now <= start + seconds:
        for who, level in levels.items():
            speaker.on_level(ParticipantId(who), level, now)
        said = speaker.decide(BOTH, now)
        now += 0.25
    return said


def test_who_speaks_into_silence_has_the_word_at_once() -> None:
    assert talk(DominantSpeaker(), 0.0, 0.0, teacher=-30.0) == TEACHER


def test_noise_below_speech_is_nobody() -> None:
    assert talk(DominantSpeaker(), 0.0, 5.0, teacher=-70.0, north=-60.0) is None


def test_a_cough_does_not_take_the_word() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 3.0, teacher=-30.0, north=-90.0)
    assert talk(speaker, 3.25, 0.25, teacher=-30.0, north=-10.0) == TEACHER


def test_a_louder_voice_takes_the_word_after_a_moment() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 3.0, teacher=-40.0, north=-90.0)
    seconds = 2 * TAKE_OVER_S + 1.0
    assert talk(speaker, 3.25, seconds, teacher=-40.0, north=-20.0) == NORTH


def test_two_equal_voices_do_not_swap() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 1.0, teacher=-30.0)
    assert talk(speaker, 1.25, 10.0, teacher=-30.0, north=-29.0) == TEACHER


def test_a_pause_for_breath_keeps_the_word_and_a_long_one_frees_it() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 1.0, teacher=-30.0)
    assert talk(speaker, 1.25, 1.0, teacher=-127.0) == TEACHER
    assert talk(speaker, 2.5, SILENT_S + 1.0, teacher=-127.0) is None


def test_a_muted_room_loses_the_word_at_once() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 1.0, north=-20.0)
    assert speaker.decide({TEACHER}, 1.0) is None


def test_a_microphone_that_falls_silent_for_good_is_forgotten() -> None:
    speaker = DominantSpeaker()
    talk(speaker, 0.0, 1.0, teacher=-30.0)
    assert speaker.decide(BOTH, 10.0) is None
