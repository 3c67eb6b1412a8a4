from collections.abc import Iterable

from common.ids import PublicationId
from sfu.downlink import Downlink, Scene
from sfu.flow import PublicationFlow
from sfu.model import Participant
from tests.unit.sfu.people import master, person, room

WIDE, THIN, VERY_THIN = 5_000_000, 1_500_000, 150_000


def scene(*people: Participant, now_s: float = 0.0, version: int = 1) -> Scene:
    return Scene(now_s, version, {p.id: p for p in people}, flows(people, now_s))


def flows(
    people: Iterable[Participant], now_s: float
) -> dict[PublicationId, PublicationFlow]:
    return {x.id: PublicationFlow(x, now_s) for p in people for x in p.publications}


def line(bps: int) -> Downlink:
    return Downlink(True, bps)


def test_a_wide_line_shows_teacher_and_screen_at_their_best() -> None:
    teacher, north = master(), room("north")
    down = line(WIDE)
    states = down.plan(north, scene(teacher, north))
    shown = {s.source: (s.mid, s.layer, s.reason) for s in states if s.source}
    assert shown == {
        "microphone": ("a0", "high", None),
        "camera": ("v0", "high", None),
        "screen": ("v1", "high", None),
    }
    assert down.degraded is None
    assert [s.mid for s in states if s.publication is None] == ["a1", "a2", "v2"]


def test_a_thin_line_makes_the_teacher_smaller_and_says_so() -> None:
    teacher, north = master(), room("north")
    down = line(THIN)
    states = {s.source: s for s in down.plan(north, scene(teacher, north))}
    assert states["screen"].layer == "high"
    assert states["camera"].layer == "low"
    assert down.degraded is not None


def test_a_very_thin_line_keeps_only_the_sound() -> None:
    teacher, north = master(), room("north")
    states = {s.source: s for s in line(VERY_THIN).plan(north, scene(teacher, north))}
    assert states["microphone"].layer == "high"
    for source in ("camera", "screen"):
        assert states[source].layer is None
        assert states[source].reason == "bandwidth"


def test_a_recorder_is_never_given_less_for_its_line() -> None:
    teacher, recorder = master(), person("recorder", "recorder")
    states = line(VERY_THIN).plan(recorder, scene(teacher, recorder))
    assert all(s.layer == "high" for s in states if s.publication)


def test_a_muted_publication_in_a_recorders_slot_is_called_muted() -> None:
    north, recorder = room("north"), person("recorder", "recorder")
    states = line(WIDE).plan(recorder, scene(north, recorder))
    assert [s.reason for s in states if s.source == "microphone"] == ["muted"]


def test_a_screen_that_is_not_shared_is_called_gone_and_takes_no_room() -> None:
    teacher, north = master(), room("north")
    at_join = scene(teacher, north)
    camera = next(x for x in teacher.publications if x.source == "camera")
    at_join.flows[camera.id].on_bitrate(10.0, 1, 1_200_000)
    later = Scene(10.0, 1, at_join.people, at_join.flows)
    down = line(THIN + 100_000)
    states = {s.source: s for s in down.plan(north, later)}
    assert states["screen"].reason == "publisher_gone"
    assert states["camera"].layer == "high"
    assert down.degraded is None


def test_what_the_engine_says_of_a_slot_is_forgotten_when_the_slot_moves() -> None:
    teacher, north, south = master(), room("north"), room("south")
    south.on_stage = True
    down = line(WIDE)
    down.plan(north, scene(teacher, north, south))
    down.current = {"v2": 1, "v0": 1}
    south.on_stage = False
    down.plan(north, scene(teacher, north, south, version=2))
    assert down.current == {"v0": 1}


def test_a_paused_screen_has_no_slot_and_the_next_picture_takes_it() -> None:
    teacher, north, south = master(), room("north"), room("south")
    south.on_stage = True
    screen = next(x for x in teacher.publications if x.source == "screen")
    viewer = person("far", "room", site_room="site-far", video_slots=2)
    down = line(WIDE)
    people = (teacher, north, south, viewer)
    shown = [s.source for s in down.plan(viewer, scene(*people)) if s.kind == "video"]
    assert shown == ["camera", "screen"]
    teacher.paused = {screen.id}
    states = down.plan(viewer, scene(*people, version=2))
    owners = [(s.participant, s.source) for s in states if s.kind == "video"]
    assert owners == [("master", "camera"), ("south", "camera")]


def test_a_recorder_keeps_the_slot_of_what_is_paused_and_expects_nothing() -> None:
    teacher, recorder = master(), person("recorder", "recorder")
    teacher.paused = {x.id for x in teacher.publications if x.source != "camera"}
    down = line(WIDE)
    states = {s.source: s for s in down.plan(recorder, scene(teacher, recorder))}
    for source in ("screen", "microphone"):
        assert (states[source].layer, states[source].reason) == (None, "paused")
    held = states["screen"].mid
    teacher.paused.clear()
    again = down.plan(recorder, scene(teacher, recorder, version=2))
    screen = next(s for s in again if s.source == "screen")
    assert (screen.mid, screen.layer, screen.reason) == (held, "high", None)


def probes_of(down: Downlink, *, lost_ratio: float = 0.0, rtt_ms: float = 20) -> int:
    """How often in a minute the engine is let to look for more."""
    return sum(down.on_second(200_000, rtt_ms, lost_ratio) for _ in range(60))


def test_a_line_that_made_pictures_smaller_is_probed_while_it_is_clear() -> None:
    teacher, north = master(), room("north")
    down = line(THIN)
    down.plan(north, scene(teacher, north))
    assert probes_of(down, lost_ratio=0.05) == 0
    assert probes_of(down) == 5


def test_a_line_with_room_for_everything_is_left_alone() -> None:
    teacher, north = master(), room("north")
    down = line(THIN)
    down.plan(north, scene(teacher, north))
    down.estimate.on_estimate(WIDE, "twcc")
    assert probes_of(down) == 0


def test_a_receiver_without_transport_cc_cannot_be_probed() -> None:
    teacher, north = master(), room("north")
    down = Downlink(False, VERY_THIN)
    down.plan(north, scene(teacher, north))
    assert down.degraded is not None
    assert probes_of(down) == 0
