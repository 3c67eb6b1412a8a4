"""What lessons take of the sites' uplinks."""

from collections import defaultdict

from scheduler.solver.problem import Problem, Stream


def uplinks(problem: Problem) -> list[dict[str, int]]:
    """kbit/s each stream takes at every site whose limit can be reached."""
    rows = [_rates(stream) for stream in problem.streams]
    most: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        for room, rate in row.items():
            site = problem.room_by_id[room].site
            most[site][room] = max(most[site].get(room, 0), rate)
    tight = {
        site
        for site, rooms in most.items()
        if (cap := problem.site_by_id[site].uplink_kbps) is not None
        and sum(rooms.values()) > cap
    }
    found: list[dict[str, int]] = []
    for row in rows:
        mine: dict[str, int] = {}
        for room, rate in row.items():
            site = problem.room_by_id[room].site
            if site in tight:
                mine[site] = mine.get(site, 0) + rate
        found.append(mine)
    return found


def _rates(stream: Stream) -> dict[str, int]:
    rates: dict[str, int] = {stream.master_room: stream.master_kbps}
    for receiver in stream.receivers:
        rates[receiver.room] = rates.get(receiver.room, 0) + stream.receiver_kbps
    return rates
