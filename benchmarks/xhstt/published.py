"""What others have published of the instances: costs (hard, soft) by id, licences.

Facts copied from public pages; the best cost known to us, not a claim that none is
better. The judge is checked against every published cost (`bench.agreement`).
"""

from dataclasses import dataclass
from hashlib import sha256

from benchmarks.xhstt.instance import Cost

TWENTE = "utwente.nl/en/eemcs/dmmp/hstt/datasets"
STORED = "cost of the best solution stored with the instance, by our judge"


@dataclass(frozen=True, slots=True)
class Best:
    """`bound`: a published lower bound of the soft cost."""

    cost: Cost
    source: str
    bound: int | None = None


BEST: dict[str, Best] = {
    "ES-SS-08": Best(Cost(0, 335), f"{TWENTE}/Spain/SpainSchool", 334),
    "IT-I4-96": Best(Cost(0, 27), f"{TWENTE}/Italy/Instance4", 27),
    "BrazilInstance1_XHSTT-v2014": Best(Cost(0, 41), f"{TWENTE}/Brazil/Instance1", 41),
    "BR-SA-00": Best(Cost(0, 5), f"{TWENTE}/Brazil/Instance2", 5),
    "BrazilInstance5_XHSTT-v2014": Best(Cost(0, 19), f"{TWENTE}/Brazil/Instance5", 19),
    "NL-KP-05": Best(Cost(0, 425), f"{TWENTE}/Netherlands/Kottenpark2005", 89),
}

PUBLISHED: dict[tuple[str, str], Cost] = {
    ("ES-SS-08", "FET5.16.0_2012-03-09"): Cost(3, 5966),
    ("ES-SS-08", "LectioIntegerProgramming"): Cost(0, 357),
    ("ES-SS-08", "LectioIntegerProgramming_2014-08-27"): Cost(0, 336),
    ("ES-SS-08", "LectioIntegerProgramming_2016-01-04"): Cost(0, 335),
    ("IT-I4-96", "Andrea Schaerf_2011-06-08"): Cost(0, 84),
    ("IT-I4-96", "LectioIntegerProgramming"): Cost(0, 57),
    ("IT-I4-96", "ArtonDorneles_fixopt_2014-08-21"): Cost(0, 34),
    ("BrazilInstance1_XHSTT-v2014", "Haroldo_Dec_2011"): Cost(0, 42),
    ("BrazilInstance1_XHSTT-v2014", "LectioIntegerProgramming"): Cost(0, 41),
    ("BR-SA-00", "Haroldo_Dec_2011"): Cost(0, 38),
    ("BR-SA-00", "Lectio"): Cost(0, 5),
    ("BrazilInstance5_XHSTT-v2014", "Haroldo_Dec_2011"): Cost(0, 225),
    ("BrazilInstance5_XHSTT-v2014", "VAGO2012"): Cost(0, 43),
    ("BrazilInstance5_XHSTT-v2014", "LectioIntegerProgramming"): Cost(0, 26),
    ("BrazilInstance5_XHSTT-v2014", "ArtonDorneles_October_2013"): Cost(0, 20),
    ("BrazilInstance5_XHSTT-v2014", "ArtonDorneles_fixopt_2015-09-10"): Cost(0, 19),
    ("NL-KP-05", "GerhardPost_2009-04-29"): Cost(0, 1078),
    ("NL-KP-05", "GOAL team Sun Feb 15 19:27:24 2015"): Cost(0, 1017),
    ("NL-KP-05", "Sequence-basedHH"): Cost(0, 811),
    ("NL-KP-05", "GOAL team Sun Apr 26 13:52:44 2015"): Cost(0, 784),
    ("NL-KP-05", "GOAL team Thu Dec  8 16:54:31 2016"): Cost(0, 425),
}
"""(instance, solution group) -> cost in the archive's public table, for solutions
that carry no report of their own."""

LICENCES: dict[str, str] = {
    "08e6f05e7c197a13e65c0aa75a2a3375f373a730ce53f41d854673a7d9625d45": (
        "MIT, github.com/dispyfree/xhstt 12059c9 data/SpainSchool.xml"
    ),
    "318e9c3c70e2cbcb1da45f663eb6e2851fb85325f28f95456fd8338d308d59f8": (
        "MIT, github.com/mauricioroge/STP 3a6484f ParserPy/AustraliaBGHS98.xml"
    ),
}
"""SHA-256 of a file -> the licence of the repository that publishes it. The same
instance from elsewhere is another file, and may have another licence or none."""
NO_LICENCE = "licence not known"


def licence(data: bytes) -> str:
    """What its publisher says, and who that is."""
    return LICENCES.get(sha256(data).hexdigest(), NO_LICENCE)
