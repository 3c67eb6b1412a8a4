from sfu.flood import TokenBucket


def test_a_burst_is_allowed_and_then_the_pace_counts() -> None:
    bucket = TokenBucket(per_s=10, burst=5, now_s=0.0)
    assert [bucket.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)


def test_silence_fills_it_no_further_than_the_burst() -> None:
    bucket = TokenBucket(per_s=10, burst=5, now_s=0.0)
    assert [bucket.take(1_000.0) for _ in range(6)] == [True] * 5 + [False]
