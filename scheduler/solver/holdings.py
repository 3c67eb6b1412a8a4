"""What a lesson holds while it lasts. Pure."""

from scheduler.solver.problem import Resource, Stream


def holdings(stream: Stream) -> list[tuple[Resource, bool]]:
    """What a lesson holds, and whether local lessons there may be given up for it."""
    rows = [
        (Resource("teacher", stream.teacher), False),
        (Resource("room", stream.master_room), False),
    ]
    if stream.master_class:
        rows.append((Resource("class", stream.master_class), False))
    for receiver in stream.receivers:
        rows.append((Resource("room", receiver.room), stream.displaces_local))
        if receiver.class_group:
            group = Resource("class", receiver.class_group)
            rows.append((group, stream.displaces_local))
    return rows
