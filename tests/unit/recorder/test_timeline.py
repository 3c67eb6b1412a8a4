"""One timeline: sender reports that come late, clocks that jump, lines that queue."""

import random

from hypothesis import given
from hypothesis import strategies as st

from recorder.timeline import ParticipantClock, TrackClock

ORIGIN = 1_800_000_000_000_000
VIDEO, AUDIO = 90_000, 48_000


class Sender:
    """A track of a participant whose wall clock is `skew_us` ahead of ours."""

    def __init__(self, clock: TrackClock, rate: int, period_us: int) -> None:
        self.clock, self.rate, self.period_us = clock, rate, period_us
        self.rtp_start = 2**33 - 500

    def place(
        self, at_us: int, skew_us: int, delay_us: int, reported: bool = True
    ) -> int:
        """A frame captured at `at_us` after the origin."""
        return self.clock.place(
            self.rtp_start + at_us * self.rate // 1_000_000,
            self.rate,
            ORIGIN + at_us + skew_us if reported else None,
            ORIGIN + at_us + delay_us,
        )


def two_tracks() -> tuple[Sender, Sender]:
    participant = ParticipantClock()
    video = Sender(TrackClock(participant, ORIGIN), VIDEO, 40_000)
    audio = Sender(TrackClock(participant, ORIGIN), AUDIO, 20_000)
    return video, audio


@given(
    skew_us=st.integers(-(10**9), 10**9),
    first_video_report_us=st.integers(0, 5_000_000),
    first_audio_report_us=st.integers(0, 8_000_000),
    seed=st.integers(0, 2**16),
)
def test_sound_and_picture_meet_however_late_the_sender_reports_come(
    skew_us: int, first_video_report_us: int, first_audio_report_us: int, seed: int
) -> None:
    video, audio = two_tracks()
    jitter = random.Random(seed)
    difference = 0
    for at_us in range(0, 12_000_000, 20_000):
        delay = 15_000 + jitter.randrange(10_000)
        heard = audio.place(at_us, skew_us, delay, at_us >= first_audio_report_us)
        if at_us % 40_000 == 0:
            # The first picture is large and comes late.
            late = delay + (150_000 if at_us == 0 else jitter.randrange(30_000))
            seen = video.place(at_us, skew_us, late, at_us >= first_video_report_us)
            difference = abs(seen - heard)
    assert difference <= 10_000


def test_a_clock_set_in_mid_lesson_moves_nothing() -> None:
    video, audio = two_tracks()
    skew_video = skew_audio = 3_000_000
    worst = 0
    for at_us in range(0, 20_000_000, 20_000):
        if at_us == 10_000_000:
            skew_video -= 7_200_000_000
        if at_us == 14_000_000:  # sound has its next sender report later
            skew_audio -= 7_200_000_000
        heard = audio.place(at_us, skew_audio, 20_000)
        if at_us % 40_000 == 0:
            seen = video.place(at_us, skew_video, 20_000)
            worst = max(worst, abs(seen - heard), abs(seen - at_us - 20_000))
    assert worst <= 5_000


def test_a_queueing_line_does_not_shift_the_picture() -> None:
    video, _ = two_tracks()
    for at_us in range(0, 10_000_000, 40_000):
        queued = 900_000 if 4_000_000 < at_us < 7_000_000 else 20_000
        position = video.place(at_us, 0, queued)
        assert abs(position - at_us - 20_000) <= 5_000


def test_a_drifting_sound_card_does_not_drift_apart_over_a_lesson() -> None:
    video, audio = two_tracks()
    difference = 0
    for at_us in range(0, 45 * 60_000_000, 20_000):
        # 80 ppm: the card makes more samples than it says.
        rtp = int(at_us * 1.00008) * AUDIO // 1_000_000
        heard = audio.clock.place(rtp, AUDIO, ORIGIN + at_us, ORIGIN + at_us + 20_000)
        if at_us % 1_000_000 == 0:
            difference = abs(heard - video.place(at_us, 0, 20_000))
            assert difference <= 10_000


@given(
    st.lists(
        st.tuples(
            st.integers(-5_000_000, 5_000_000),
            st.integers(-5_000_000, 5_000_000),
            st.booleans(),
            st.integers(1, 500_000),
        ),
        max_size=60,
    )
)
def test_positions_always_grow(
    frames: list[tuple[int, int, bool, int]],
) -> None:
    clock = TrackClock(ParticipantClock(), ORIGIN)
    rtp, last = 0, -1
    for capture, arrival, reported, step in frames:
        rtp += step
        position = clock.place(
            rtp, VIDEO, ORIGIN + capture if reported else None, ORIGIN + arrival
        )
        assert position > last
        last = position


def test_a_source_that_starts_again_goes_on_where_time_is() -> None:
    video, _ = two_tracks()
    video.place(0, 0, 20_000)
    video.place(5_000_000, 0, 20_000)
    video.rtp_start = -4_000_000
    assert abs(video.place(9_000_000, 0, 20_000) - 9_020_000) <= 5_000


def test_pictures_from_before_the_bell_lie_in_its_first_instants() -> None:
    video, audio = two_tracks()
    placed = {
        at_us: video.place(at_us, 0, 20_000, at_us >= 200_000)
        for at_us in range(-2_000_000, 1_000_000, 40_000)
    }
    before = [position for at_us, position in placed.items() if at_us < -40_000]
    assert before == sorted(set(before))
    assert 0 <= before[0] < before[-1] < 2_000
    after = [abs(position - at_us) for at_us, position in placed.items() if at_us >= 0]
    assert max(after) <= 21_000
    assert abs(audio.place(960_000, 0, 20_000) - placed[960_000]) <= 20_000
