from sfu.uplink import FLOOR_BPS, UplinkCap


def test_heavy_loss_on_the_way_in_asks_for_less() -> None:
    cap = UplinkCap("video", 1_500_000)
    assert cap.to_tell() == 1_500_000
    cap.on_second(1_000_000, packets=80, lost=20)
    assert cap.to_tell() == 900_000


def test_a_clean_line_grows_back_to_its_ceiling() -> None:
    cap = UplinkCap("video", 1_500_000)
    cap.on_second(500_000, packets=50, lost=50)
    for _ in range(60):
        cap.on_second(500_000, packets=100, lost=0)
    assert cap.to_tell() == 1_500_000


def test_sound_and_picture_keep_a_floor() -> None:
    for kind, floor in FLOOR_BPS.items():
        cap = UplinkCap(kind, 1_000_000)
        for _ in range(100):
            cap.on_second(0, packets=1, lost=9)
        assert cap.to_tell() == floor


def test_a_publisher_is_not_bothered_with_small_changes() -> None:
    cap = UplinkCap("video", 1_000_000)
    cap.to_tell()
    assert cap.to_tell() is None
    cap.set_ceiling(970_000)
    assert cap.to_tell() is None
    cap.set_ceiling(400_000)
    assert cap.to_tell() == 400_000


def test_a_section_that_is_quiet_loses_nothing() -> None:
    cap = UplinkCap("video", 1_000_000)
    cap.to_tell()
    cap.on_second(0, packets=0, lost=0)
    assert cap.to_tell() is None
