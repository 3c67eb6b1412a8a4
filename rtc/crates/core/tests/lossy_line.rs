//! Bad lines between publisher, forwarder and receiver, on virtual time.

mod sim;

use sim::{Camera, Line, Sim, h264_frame, ms, number_of};
use tongke_rtc::counters::Total;
use tongke_rtc::events::Event;
use tongke_rtc::media::CodecName;

/// A publisher shown to a receiver over a clean line.
fn lesson(seed: u64) -> (Sim, Camera, usize) {
    let mut sim = Sim::new(seed);
    let teacher = sim.join(&[CodecName::H264], 0);
    let room = sim.join(&[], 1);
    sim.connect_all();
    sim.show(room, &[(teacher, 0, None)]);
    let mut camera = Camera::new(&sim, teacher);
    camera.film(&mut sim, 30);
    assert!(sim.ends[room].frames.len() > 20);
    (sim, camera, room)
}

fn numbers(sim: &Sim, end: usize) -> Vec<u32> {
    sim.ends[end].frames.iter().map(number_of).collect()
}

fn strictly_rising(numbers: &[u32]) -> bool {
    numbers.windows(2).all(|w| w[0] < w[1])
}

#[test]
fn a_tenth_of_all_packets_lost_is_repaired() {
    for seed in [1, 2, 3] {
        let (mut sim, mut camera, room) = lesson(seed);
        let before = sim.ends[room].frames.len();
        sim.line.loss = 100;
        camera.film(&mut sim, 300);
        sim.line.loss = 0;
        camera.film(&mut sim, 60);
        let got = numbers(&sim, room);
        assert!(strictly_rising(&got));
        let repaired = got.len() - before;
        assert!(repaired >= 350, "seed {seed}: {repaired} of 360 frames");
        assert!(got[got.len() - 1] + 5 > camera.sent);
        assert!(sim.total(Total::RetransmitsOut) > 50);
    }
}

#[test]
fn packets_that_overtake_each_other_arrive_as_whole_frames_in_order() {
    let (mut sim, mut camera, room) = lesson(4);
    sim.line.jitter = ms(25);
    camera.film(&mut sim, 200);
    sim.line.jitter = ms(0);
    camera.film(&mut sim, 30);
    let got = numbers(&sim, room);
    let expected: Vec<u32> = (got[0]..got[0] + got.len() as u32).collect();
    assert_eq!(got, expected);
    assert!(sim.ends[room].frames.iter().all(|f| f.contiguous));
}

#[test]
fn a_frame_of_ten_packets_passes_without_a_timer_between_them() {
    let (mut sim, camera, room) = lesson(8);
    sim.run(ms(100));
    let (layer, ..) = &camera.layers[0];
    sim.send(
        camera.end,
        layer,
        h264_frame(camera.sent, false, 10 * 1_100),
    );
    assert!(sim.on_the_way_to(sim::SERVER.into()) >= 10);
    sim.run(sim.line.delay);
    assert!(sim.on_the_way_to(sim.ends[room].address) >= 10);
}

#[test]
fn after_bursts_of_loss_the_picture_goes_on() {
    for seed in [5, 6] {
        let (mut sim, mut camera, room) = lesson(seed);
        sim.line.burst = 5;
        sim.line.burst_packets = 25;
        camera.film(&mut sim, 300);
        sim.line = Line {
            delay: ms(20),
            ..Line::default()
        };
        camera.film(&mut sim, 90);
        let frames = &sim.ends[room].frames;
        let last = number_of(frames.last().unwrap());
        assert!(last + 10 > camera.sent, "seed {seed}: stopped at {last}");
        assert!(strictly_rising(&numbers(&sim, room)));
        let tail = &frames[frames.len() - 30..];
        assert!(tail.iter().all(|f| f.contiguous));
    }
}

#[test]
fn a_layer_changes_without_a_seam_on_a_bad_line() {
    let mut sim = Sim::new(7);
    let agent = sim.join(&[CodecName::H264, CodecName::H264], 0);
    let room = sim.join(&[], 1);
    sim.connect_all();
    sim.show(room, &[(agent, 0, None), (agent, 1, None)]);
    let mut camera = Camera::new(&sim, agent);
    camera.film(&mut sim, 30);
    sim.line.loss = 30;
    for layer in [1, 0, 1, 0] {
        sim.select(room, layer);
        camera.film(&mut sim, 60);
        let last = sim.ends[room].frames.last().unwrap();
        assert_eq!(number_of(last) >= 1_000_000, layer == 1);
    }
    let frames = &sim.ends[room].frames;
    let mut switches = 0;
    for pair in frames.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        assert!(a.rtp_time < b.rtp_time);
        if (number_of(a) >= 1_000_000) != (number_of(b) >= 1_000_000) {
            switches += 1;
            assert!(b.keyframe);
        }
    }
    assert_eq!(switches, 4);
}

#[test]
fn a_late_viewer_gets_its_keyframe_over_a_line_that_loses_a_third() {
    let (mut sim, mut camera, _) = lesson(8);
    let late = sim.join(&[], 1);
    sim.connect_all();
    let before = sim.total(Total::PlisOut);
    sim.line.loss = 330;
    sim.show(late, &[(0, 0, None)]);
    let mut seconds = 0;
    while !sim.ends[late].frames.iter().any(|f| f.keyframe) {
        assert!(seconds < 30, "no picture after half a minute");
        sim.ask_keyframe(late);
        camera.film(&mut sim, 30);
        seconds += 1;
    }
    let asked = sim.total(Total::PlisOut) - before;
    assert!(
        (1..=2 * seconds + 2).contains(&asked),
        "{asked} in {seconds} s"
    );
    sim.line.loss = 0;
    camera.film(&mut sim, 150);
    let frames = &sim.ends[late].frames;
    assert!(frames[frames.len() - 20..].iter().all(|f| f.contiguous));
}

#[test]
fn a_line_that_is_cut_ends_the_peer_and_nobody_else() {
    let (mut sim, mut camera, room) = lesson(9);
    sim.line.loss = 1_000;
    sim.run(ms(20_000));
    let closed: Vec<_> = sim
        .events
        .drain(100_000)
        .into_iter()
        .filter(|e| matches!(e, Event::PeerClosed { .. }))
        .collect();
    assert_eq!(closed.len(), 2, "{closed:?}");
    sim.line.loss = 0;
    let frames = sim.ends[room].frames.len();
    camera.film(&mut sim, 5);
    assert_eq!(sim.ends[room].frames.len(), frames);
}

#[test]
fn what_the_forwarder_reports_matches_the_line() {
    let (mut sim, mut camera, _) = lesson(10);
    sim.line.loss = 100;
    camera.film(&mut sim, 150);
    let events = sim.events.drain(100_000);
    let slots: Vec<_> = events
        .iter()
        .filter_map(|e| match e {
            Event::Slot(report) => Some(report),
            _ => None,
        })
        .collect();
    assert!(slots.last().unwrap().nacks_received > 10);
    let lost: Vec<f32> = slots.iter().filter_map(|r| r.lost_ratio).collect();
    assert!(lost.len() > 2 && lost.iter().all(|r| *r < 0.3), "{lost:?}");
    let ingress = events.iter().rev().find_map(|e| match e {
        Event::Ingress(report) => Some((report.packets, report.nacks_sent)),
        _ => None,
    });
    let (packets, nacks) = ingress.expect("figures of the publisher");
    assert!(packets > 500 && nacks > 10);
}
