"""Loaded by schemathesis: puts real ids and nearly right bodies into what it makes up.

Left alone it names teachers and editions that do not exist, and contradicts itself
within one body: most of its requests would end at the door. So two cases of three get
ids that exist, and good bodies with one or two of the made-up fields.
"""

import copy
import random
from typing import Any

from schemathesis import Case, HookContext, hook

from tests.flow.fuzz_town import Json, addresses, answers, bodies, editions

# A proposal is worked out for seconds, so most ask for one that cannot be.
SELDOM = {"propose_repair"}


@hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """By what the case is, so that a failure can be made again."""
    if context.operation is None or case.meta is None:
        return case
    label = context.operation.label
    pick = random.Random(repr((label, case.path_parameters, case.query, case.body)))
    operation = context.operation.definition.raw["operationId"]
    odds = 0.05 if operation in SELDOM else 0.67
    real = addresses(label)
    if real and pick.random() < odds:
        case.path_parameters = dict(pick.choice(real))
    if not case.meta.generation.mode.is_positive:
        return case
    for name in list(case.query or ()):
        if (known := answers(label, name)) and pick.random() < odds:
            case.query = {**case.query, name: pick.choice(known)}
    made_up = case.body
    if not isinstance(made_up, dict):
        return case
    good = bodies(label, operation)
    if good and pick.random() < odds:
        kept = pick.sample(sorted(made_up), min(len(made_up), pick.choice((0, 1, 2))))
        better = {**pick.choice(good), **{name: made_up[name] for name in kept}}
        case.body = copy.deepcopy(better)
    return case


@hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: Json) -> None:
    """The solver takes all the time it is given, and a change names the revision."""
    body = case.body
    if not isinstance(body, dict):
        return
    seconds = body.get("seconds")
    if isinstance(seconds, int | float) and seconds > 1:
        body["seconds"] = 1
    if type(body.get("revision")) is int and "/editions/" in case.path:
        edition = case.path_parameters.get("id")
        for one in editions():
            if one["id"] == edition:
                body["revision"] = one["revision"]
