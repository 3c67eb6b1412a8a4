"""XHSTT instances: read, judged against published costs, solved.

    python -m benchmarks.xhstt FOLDER_OR_FILE... [--seconds 180] [--out FOLDER]

`--seconds 0` only judges. `REPORT=path` writes JSON. Exit code 1: a file did not
parse, a published cost is not what our judge counts, or our answer breaks a required
constraint.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.xhstt.bench import JUDGED_ONLY, WHERE, Measured, measure
from common.errors import ParseError


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sources", nargs="*", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--out", type=Path, help="folder for our solutions as XML")
    asked = parser.parse_args()
    if not asked.sources:
        print(f"XHSTT: not run. {WHERE}")
        return 0
    machine = describe_machine()
    print(machine)
    good = True
    figures: list[Measured] = []
    for source in asked.sources:
        for measured in measure(source, asked.seconds, asked.out):
            if isinstance(measured, ParseError):
                print(f"FAIL {source}: {measured.en}", flush=True)
                good = False
                continue
            figures.append(measured)
            good = good and kept(measured)
            print("\n".join(lines(measured)), flush=True)
    path = os.environ.get("REPORT")
    if path:
        report = {"machine": machine, "figures": [asdict(f) for f in figures]}
        Path(path).write_text(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if good else 1


def kept(measured: Measured) -> bool:
    """Whether the judge agrees and our answer keeps every required constraint."""
    clean = measured.ours is not None and measured.ours.hard == 0
    clean = clean or measured.note == JUDGED_ONLY
    return clean and not measured.agreement.different


def lines(measured: Measured) -> list[str]:
    """For a person: one line an instance, one more for each disagreement."""
    agreed = measured.agreement
    judge = f"judge {agreed.exact}/{agreed.published} published costs exact"
    if measured.ours is None:
        ours = measured.note
    else:
        proof = ", proven best" if measured.proven else ""
        ours = (
            f"ours hard {measured.ours.hard} soft {measured.ours.soft} after "
            f"{measured.seconds:g} s, {measured.cpu_s:g} s of CPU (first after "
            f"{measured.first_s:g} s{proof})"
        )
    best = "best known: none"
    if measured.best is not None:
        cost, bound = measured.best.cost, measured.best.bound
        best = f"best known hard {cost.hard} soft {cost.soft}"
        best += "" if bound is None else f", bound {bound}"
        best += f" ({measured.best.source})"
    mark = "ok  " if kept(measured) else "MISS"
    first = (
        f"{mark} {measured.instance} ({measured.licence}): {measured.events} events, "
        f"{measured.several_classes} of several classes; {judge}; {ours}; {best}"
    )
    return [first, *(f"     differs: {text}" for text in agreed.different)]


if __name__ == "__main__":
    sys.exit(main())
