//! A browser's simulcast: one m-section, layers told apart by RID.

mod sim;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use sim::{Camera, Endpoint, Sim, ms, number_of};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, MediaTime, Mid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tongke_rtc::media::{Proto, Rid, Transmit};
use tongke_rtc::transport_str0m::{FrameEvent, FramePoll};

const RIDS: [&str; 2] = ["lo", "hi"];

/// Sends two layers of one section, as a browser does.
struct Browser {
    rtc: Rtc,
    mid: Mid,
    epoch: Instant,
}

impl Endpoint for Browser {
    fn receive(&mut self, now: Instant, source: SocketAddr, local: SocketAddr, buf: &[u8]) {
        let receive = Receive::new(Protocol::Udp, source, local, buf).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
    }

    fn timeout(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }

    fn poll(&mut self) -> FramePoll {
        match self.rtc.poll_output().unwrap() {
            Output::Timeout(at) => FramePoll::Deadline(at),
            Output::Transmit(t) => FramePoll::Transmit(Transmit {
                proto: Proto::Udp,
                destination: t.destination,
                source_ip: None,
                contents: t.contents.into(),
            }),
            Output::Event(Event::Connected) => FramePoll::Event(FrameEvent::Connected),
            Output::Event(Event::KeyframeRequest(r)) => {
                FramePoll::Event(FrameEvent::KeyframeRequested {
                    mid: r.mid.to_string(),
                    rid: r.rid.map(|r| r.to_string()),
                })
            }
            Output::Event(_) => FramePoll::Event(FrameEvent::Other),
        }
    }

    fn send(&mut self, layer: &str, data: Arc<[u8]>, now: Instant) {
        let Some(writer) = self.rtc.writer(self.mid) else {
            return;
        };
        let pt = writer
            .payload_params()
            .find(|p| p.spec().codec == str0m::format::Codec::H264)
            .unwrap()
            .pt();
        // Each layer counts from its own beginning.
        let offset = if layer == "hi" { 77_777_777 } else { 0 };
        let time = (now - self.epoch).as_micros() as u64 + offset;
        writer
            .rid(layer.into())
            .write(pt, now, MediaTime::from_micros(time), data)
            .unwrap();
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
    }
}

fn join_browser(sim: &mut Sim) -> usize {
    let mut rtc = Rtc::builder().enable_vp8(false).build(sim.now);
    let address = sim.client_address();
    rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
    let mut simulcast = Simulcast::new();
    for rid in RIDS {
        simulcast.add_send_layer(SimulcastLayer::new(rid));
    }
    let mut changes = rtc.sdp_api();
    let mid = changes.add_media(
        MediaKind::Video,
        Direction::SendOnly,
        None,
        None,
        Some(simulcast),
    );
    let (offer, pending) = changes.apply().unwrap();
    let (uid, negotiated) = sim.accept(&offer.to_sdp_string());
    let answer = SdpAnswer::from_sdp_string(&negotiated.answer).unwrap();
    rtc.sdp_api().accept_answer(pending, answer).unwrap();
    let epoch = sim.now;
    sim.add(uid, negotiated, Box::new(Browser { rtc, mid, epoch }))
}

#[test]
fn layers_of_one_section_are_told_apart_and_switched_at_keyframes() {
    let mut sim = Sim::new(11);
    let browser = join_browser(&mut sim);
    let section = &sim.ends[browser].negotiated.sections[0];
    assert_eq!(section.rids, RIDS.map(Rid::new));
    let mid = section.mid.clone();
    let room = sim.join(&[], 1);
    sim.connect_all();
    sim.show(room, &[(browser, 0, Some("lo")), (browser, 0, Some("hi"))]);
    let mut camera = Camera::new(&sim, browser);
    camera.layers = RIDS
        .iter()
        .zip([0, 1_000_000])
        .map(|(rid, first)| {
            let request = (mid.clone(), Some((*rid).to_owned()));
            ((*rid).to_owned(), first, request)
        })
        .collect();
    camera.film(&mut sim, 40);
    assert!(sim.ends[room].frames.len() > 20);
    assert!(
        sim.ends[room]
            .frames
            .iter()
            .all(|f| number_of(f) < 1_000_000)
    );
    sim.line.loss = 20;
    for layer in [1, 0] {
        sim.select(room, layer);
        camera.film(&mut sim, 60);
        let last = number_of(sim.ends[room].frames.last().unwrap());
        assert_eq!(last >= 1_000_000, layer == 1);
    }
    sim.run(ms(100));
    for pair in sim.ends[room].frames.windows(2) {
        let passed = pair[1].rtp_time - pair[0].rtp_time;
        assert!(passed > 0 && passed < 90_000, "{passed} ticks");
    }
}
