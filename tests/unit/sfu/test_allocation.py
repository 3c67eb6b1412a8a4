from hypothesis import given
from hypothesis import strategies as st

from sfu.allocation import (
    UP_HOLD_S,
    Allocator,
    Candidate,
    GivenUp,
    fill,
    in_words,
    rank,
)
from sfu.policy import Priority

SOUND = 200_000
SCREEN = Candidate("v0", "screen", Priority.SCREEN, (800_000,), 0)
TEACHER = Candidate("v1", "teacher", Priority.TEACHER, (300_000, 1_200_000), 1)
STAGE = Candidate("v2", "stage", Priority.STAGE, (300_000, 1_000_000), 1)
TILE = Candidate("v3", "tile", Priority.OTHER, (150_000, 900_000), 0)
LESSON = [TILE, STAGE, TEACHER, SCREEN]


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 6))
    made = []
    for number in range(count):
        costs = draw(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=3))
        costs.sort()
        made.append(
            Candidate(
                f"v{number}",
                f"p{number}",
                draw(st.sampled_from(list(Priority)[1:])),
                tuple(costs),
                draw(st.integers(0, len(costs) - 1)),
            )
        )
    return made


def spent(layers: dict[str, int | None], chosen: list[Candidate]) -> int:
    held = {c.mid: layers[c.mid] for c in chosen}
    return sum(c.costs_bps[layer] for c in chosen if (layer := held[c.mid]) is not None)


@given(candidates(), st.integers(0, 8_000_000))
def test_pictures_never_take_more_than_the_budget(
    chosen: list[Candidate], budget: int
) -> None:
    layers = fill(budget, chosen)
    assert spent(layers, chosen) <= budget
    assert all(
        layer is None or layer <= c.best for c in chosen for layer in [layers[c.mid]]
    )


@given(candidates(), st.integers(0, 8_000_000), st.integers(0, 8_000_000))
def test_a_wider_line_never_makes_the_lesson_worse(
    chosen: list[Candidate], one: int, other: int
) -> None:
    narrow, wide = sorted((one, other))
    assert rank(fill(narrow, chosen), chosen) <= rank(fill(wide, chosen), chosen)


@given(
    candidates(),
    st.lists(st.integers(0, 8_000_000), min_size=1, max_size=20),
    st.integers(0, 400_000),
)
def test_sound_is_always_kept_whatever_the_estimate_does(
    chosen: list[Candidate], estimates: list[int], sound: int
) -> None:
    allocator = Allocator()
    for second, estimate in enumerate(estimates):
        layers = dict(allocator.decide(second, estimate, sound, chosen).layers)
        assert spent(layers, chosen) + sound <= max(estimate, sound)


def test_pictures_are_given_up_in_the_order_of_the_ladder() -> None:
    def at(budget: int) -> tuple[int | None, ...]:
        layers = fill(budget, LESSON)
        return tuple(layers[c.mid] for c in (SCREEN, TEACHER, STAGE, TILE))

    assert at(3_150_000) == (0, 1, 1, 0)
    assert at(3_000_000) == (0, 1, 1, None)
    assert at(2_300_000) == (0, 1, 0, None)
    assert at(1_400_000) == (0, 0, 0, None)
    assert at(1_100_000) == (0, 0, None, None)
    assert at(800_000) == (0, None, None, None)
    assert at(100_000) == (None, None, None, None)


def test_a_teacher_is_shown_when_the_screen_does_not_fit() -> None:
    assert fill(500_000, [SCREEN, TEACHER]) == {"v0": None, "v1": 0}


def decide(allocator: Allocator, now: float, estimate: int) -> dict[str, int | None]:
    return dict(allocator.decide(now, estimate, SOUND, LESSON).layers)


def test_the_first_choice_waits_for_nothing() -> None:
    assert decide(Allocator(), 0.0, 5_000_000) == {"v0": 0, "v1": 1, "v2": 1, "v3": 0}


def test_a_falling_estimate_acts_at_once_and_a_rising_one_after_a_while() -> None:
    allocator = Allocator()
    decide(allocator, 0.0, 5_000_000)
    assert decide(allocator, 1.0, 1_700_000)["v1"] == 0
    assert decide(allocator, 2.0, 5_000_000)["v1"] == 0
    assert decide(allocator, 2.0 + UP_HOLD_S - 0.1, 5_000_000)["v1"] == 0
    assert decide(allocator, 2.0 + UP_HOLD_S, 5_000_000)["v1"] == 1


def test_an_estimate_that_only_just_suffices_does_not_raise_a_layer() -> None:
    allocator = Allocator()
    decide(allocator, 0.0, 1_700_000)
    just = SOUND + 800_000 + 1_200_000 + 300_000
    for second in range(1, 20):
        assert decide(allocator, second, just)["v1"] == 0


def test_a_step_up_that_failed_makes_the_next_one_wait_longer() -> None:
    allocator = Allocator()
    decide(allocator, 0.0, 1_700_000)
    decide(allocator, 1.0, 5_000_000)
    assert decide(allocator, 1.0 + UP_HOLD_S, 5_000_000)["v1"] == 1
    assert decide(allocator, 6.0, 1_700_000)["v1"] == 0
    decide(allocator, 7.0, 5_000_000)
    assert decide(allocator, 7.0 + UP_HOLD_S, 5_000_000)["v1"] == 0
    assert decide(allocator, 7.0 + 2 * UP_HOLD_S, 5_000_000)["v1"] == 1


def test_a_room_called_on_stage_gets_its_picture_at_once() -> None:
    allocator = Allocator()
    allocator.decide(0.0, 5_000_000, SOUND, [SCREEN, TEACHER])
    layers = allocator.decide(0.5, 5_000_000, SOUND, [SCREEN, TEACHER, STAGE]).layers
    assert layers["v2"] == 1


def test_a_tile_that_becomes_the_stage_grows_at_once() -> None:
    allocator = Allocator()
    tile = Candidate("v2", "stage", Priority.OTHER, STAGE.costs_bps, 0)
    assert allocator.decide(0.0, 5_000_000, SOUND, [tile]).layers["v2"] == 0
    assert allocator.decide(0.5, 5_000_000, SOUND, [STAGE]).layers["v2"] == 1


def test_what_was_given_up_is_said_in_words() -> None:
    allocation = Allocator().decide(0.0, 1_700_000, SOUND, LESSON)
    assert allocation.given_up == (
        GivenUp("v1", Priority.TEACHER, "smaller"),
        GivenUp("v2", Priority.STAGE, "smaller"),
        GivenUp("v3", Priority.OTHER, "paused"),
    )
    words = in_words(allocation.given_up)
    assert words is not None
    assert "教师画面已缩小" in words
    assert "other rooms' pictures paused" in words
    assert in_words(()) is None


def test_desired_is_what_everything_at_its_best_would_take() -> None:
    allocation = Allocator().decide(0.0, 1_000, SOUND, LESSON)
    assert allocation.desired_bps == SOUND + 800_000 + 1_200_000 + 1_000_000 + 150_000
