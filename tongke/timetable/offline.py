"""On files alone: no server, no database; what is read is what may be imported."""

import argparse
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from common.errors import NotFoundError, ParseError
from common.ids import CourseId
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Slot
from scheduler.catalogue.kinds import BY_VALUE, KINDS, Kind
from scheduler.catalogue.world import World
from scheduler.edition.desk import refuse_foreign_week
from scheduler.edition.drafting import coming_week
from scheduler.edition.frame import Frame
from scheduler.edition.near import asked_problem
from scheduler.edition.picture import Picture
from scheduler.edition.present import problem_views, unplaced_views
from scheduler.edition.values import Draft, Edition, EditionId, Placed, Rows
from scheduler.exchange.csv_out import csv_archive
from scheduler.exchange.sheet_books import filled_book
from scheduler.importer.read import read_uploads
from scheduler.importer.tables import Upload
from scheduler.solver.explain import explain
from scheduler.solver.solve import Progress, solve
from tongke.timetable.say import Line, outcome_words

_SUFFIXES = (".csv", ".toml", ".xlsx", ".zip")
_WRITERS: dict[str, Callable[[World, Sequence[Kind]], bytes]] = {
    ".xlsx": filled_book,
    ".zip": csv_archive,
}
_SLOTS = [BY_VALUE[Slot]]
T = TypeVar("T")


def solve_files(parsed: argparse.Namespace) -> int:
    """Writes the weekly slots to `--out`. 0: every lesson has a place."""
    write, frame = _writer(parsed.out), _frame(parsed)
    line, lessons = Line(), sum(s.lessons for s in frame.problem.streams)

    def say(now: Progress) -> None:
        placed = lessons - now.unplaced
        line.show(now.phase, now.seconds, placed, now.unplaced, now.cost)

    draft = Draft(_edition(frame), frame.slots.rows())
    problem = asked_problem(Picture(frame, draft), parsed.keep)
    with _interrupted() as stop:
        result = _aside(
            lambda: solve(problem, seconds=parsed.seconds, stop=stop, on_progress=say)
        )
    line.end()
    print(outcome_words(result.outcome, result.unplaced, result.cost))
    rows = [
        Placed(CourseId(p.stream), p.weekday, p.start, "solver")
        for p in result.placements
    ]
    made = World()
    made.put(frame.slots.slots_for(rows))
    parsed.out.write_bytes(write(made, _SLOTS))
    print(parsed.out)
    return 0 if not result.unplaced else 1


def check_files(parsed: argparse.Namespace) -> int:
    """0: nothing is broken and every lesson has a place."""
    frame = _frame(parsed)
    return _report(frame, frame.slots.rows())


def explain_files(parsed: argparse.Namespace) -> int:
    """0: no contradiction was found."""
    problem = _frame(parsed).problem
    found = _aside(lambda: explain(problem, seconds=parsed.seconds))
    if found is None:
        print(
            "没有找到互相矛盾的要求（不等于一定排得下）\n"
            "no contradiction was found; that is no promise that all fits"
        )
        return 0
    print("这些要求不能同时满足 these cannot all hold:")
    for rule in found.rules:
        print(f"-  {rule.zh}\n   {rule.en}")
    return 1


def read_files(paths: Sequence[Path]) -> list[Upload]:
    """Files, and those of folders, in order. Raises NotFoundError(`no_such_file`)."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise NotFoundError(
                "no_such_file", zh=f"没有文件 {path}", en=f"there is no file {path}"
            )
        inside = [file for file in sorted(path.rglob("*")) if _is_table(file)]
        found.extend(inside if path.is_dir() else [path])
    return [Upload(file.name, file.read_bytes()) for file in found]


def _is_table(file: Path) -> bool:
    """`~$` begins what Excel keeps beside a workbook that is open."""
    return file.suffix.lower() in _SUFFIXES and not file.name.startswith((".", "~$"))


def in_turn(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """What is imported together: a folder or an archive by itself, the single files
    between two of these as one. Later imports replace rows of earlier ones."""
    files: list[Path] = []
    for path in paths:
        if not (path.is_dir() or path.suffix.lower() == ".zip"):
            files.append(path)
            continue
        if files:
            yield files
        files = []
        yield [path]
    if files:
        yield files


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Set by Ctrl-C, which then does not end the program: the best found is kept."""
    stop = threading.Event()

    def set_it(_number: int, _frame: Any) -> None:  # noqa: ANN401 - a stack frame
        stop.set()

    before = signal.signal(signal.SIGINT, set_it)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _aside(work: Callable[[], T]) -> T:
    """In a thread of its own: this one hears Ctrl-C, which it would not in the middle
    of the solver's own code."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done.result()


def _writer(out: Path | None) -> Callable[[World, Sequence[Kind]], bytes]:
    if out is None or out.suffix not in _WRITERS:
        raise ParseError(
            "bad_out",
            zh="请用 --out 写明结果文件，以 .xlsx 或 .zip 结尾",
            en="name the result with --out, ending in .xlsx or .zip",
        )
    if out.is_dir() or not out.absolute().parent.is_dir():
        # Before the solver has worked for an hour.
        raise ParseError(
            "bad_out",
            zh=f"不能写入 {out}：请写一个已有文件夹里的文件名",
            en=f"{out} cannot be written: name a file in a folder that is there",
        )
    return _WRITERS[out.suffix]


def _frame(parsed: argparse.Namespace) -> Frame:
    world = World()
    for paths in in_turn(parsed.files):
        known = [value for kind in KINDS for value in world.all(kind.value)]
        world.put(read_uploads(read_files(paths), KINDS, known))
    term = _term(world, parsed.term)
    week = parsed.week
    if week is None:
        week = coming_week(world, term, datetime.now(UTC))
    refuse_foreign_week(term, week)
    return Frame(world, term, week)


def _term(world: World, id: str | None) -> Term:
    terms = world.all(Term)
    chosen = [term for term in terms if id in (None, term.id)]
    if len(chosen) == 1:
        return chosen[0]
    names = " ".join(term.id for term in terms) or "-"
    raise NotFoundError(
        "which_term",
        zh=f"请用 --term 写明学期，可选：{names}",
        en=f"name the term with --term, one of: {names}",
    )


def _report(frame: Frame, rows: Rows) -> int:
    picture = Picture(frame, Draft(_edition(frame), rows))
    for warning in frame.warnings:
        print(f"!  {warning.zh}\n   {warning.en}")
    wrong = problem_views(picture, picture.violations)
    for one in wrong:
        print(f"x  {one.zh}\n   {one.en}")
    missing = unplaced_views(picture)
    for lost in missing:
        print(f"-  {lost.course}: 还有 {lost.missing} 节没有时间 without a place")
    print(
        f"{len(rows)} 节课 lessons, {len(wrong)} 处冲突 broken rules, "
        f"{sum(one.missing for one in missing)} 节未排 unplaced"
    )
    return 1 if wrong or missing else 0


def _edition(frame: Frame) -> Edition:
    """What the files say, as if somebody had entered it."""
    return Edition(
        id=EditionId("files"),
        term=frame.term.id,
        name=frame.term.name,
        state="draft",
        week=frame.week,
        revision=1,
        done=0,
        kept=0,
        made_at=datetime.now(UTC),
        made_by="",
    )
