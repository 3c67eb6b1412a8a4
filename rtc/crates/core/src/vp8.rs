//! VP8 payload descriptor (RFC 7741 §4.2): keyframes, and the counters that must go
//! on without a jump when a slot changes its source.

/// The counters of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    pub picture_id: u16,
    pub long_picture_id: bool,
    pub tl0_picture_index: Option<u8>,
}

/// New values for one packet's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrite {
    pub picture_id: u16,
    pub tl0_picture_index: Option<u8>,
}

pub fn starts_keyframe(payload: &[u8]) -> bool {
    let Some((first, _, body)) = split(payload) else {
        return false;
    };
    let starts_partition_zero = first & 0x10 != 0 && first & 0x0f == 0;
    starts_partition_zero && body.first().is_some_and(|b| b & 1 == 0)
}

pub fn counters(payload: &[u8]) -> Option<Counters> {
    split(payload).and_then(|(_, counters, _)| counters)
}

/// First octet, counters if there is a picture id, and the VP8 payload itself.
fn split(payload: &[u8]) -> Option<(u8, Option<Counters>, &[u8])> {
    let first = *payload.first()?;
    if first & 0x80 == 0 {
        return Some((first, None, &payload[1..]));
    }
    let flags = *payload.get(1)?;
    let mut at = 2;
    let mut picture = None;
    if flags & 0x80 != 0 {
        let high = *payload.get(at)?;
        if high & 0x80 != 0 {
            let low = *payload.get(at + 1)?;
            picture = Some((u16::from(high & 0x7f) << 8 | u16::from(low), true));
            at += 2;
        } else {
            picture = Some((u16::from(high), false));
            at += 1;
        }
    }
    let mut tl0_picture_index = None;
    if flags & 0x40 != 0 {
        tl0_picture_index = Some(*payload.get(at)?);
        at += 1;
    }
    if flags & 0x30 != 0 {
        at += 1;
    }
    let counters = picture.map(|(picture_id, long_picture_id)| Counters {
        picture_id,
        long_picture_id,
        tl0_picture_index,
    });
    Some((first, counters, payload.get(at..)?))
}

/// Keeps the counters of one slot continuous over changes of source.
#[derive(Debug, Default)]
pub struct CounterRewriter {
    last: Option<Rewrite>,
    picture_offset: u16,
    tl0_offset: u8,
}

impl CounterRewriter {
    /// The next packet opens a keyframe of a new source.
    pub fn start(&mut self, first: Counters) {
        let Some(last) = self.last else {
            return;
        };
        self.picture_offset = last
            .picture_id
            .wrapping_add(1)
            .wrapping_sub(first.picture_id);
        self.tl0_offset = last
            .tl0_picture_index
            .unwrap_or(0)
            .wrapping_add(1)
            .wrapping_sub(first.tl0_picture_index.unwrap_or(0));
    }

    pub fn rewrite(&mut self, counters: Counters) -> Rewrite {
        let mask = if counters.long_picture_id {
            0x7fff
        } else {
            0x7f
        };
        let rewrite = Rewrite {
            picture_id: counters.picture_id.wrapping_add(self.picture_offset) & mask,
            tl0_picture_index: counters
                .tl0_picture_index
                .map(|t| t.wrapping_add(self.tl0_offset)),
        };
        self.last = Some(rewrite);
        rewrite
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYFRAME: [u8; 7] = [0x90, 0xc0, 0xff, 0xfe, 7, 0x10, 0];

    #[test]
    fn counters_are_read_behind_their_flags() {
        let read = counters(&KEYFRAME).unwrap();
        assert_eq!(read.picture_id, 0x7ffe);
        assert_eq!(read.tl0_picture_index, Some(7));
        assert!(starts_keyframe(&KEYFRAME));
        assert!(!starts_keyframe(&[0x90, 0xc0, 0xff, 0xfe, 7, 0x11]));
        assert!(!starts_keyframe(&[0x80, 0xc0, 0xff, 0xfe, 7, 0x10]));
        assert_eq!(counters(&[0x10, 0x00]), None);
        assert_eq!(counters(&[0x90, 0xc0, 0xff]), None);
    }

    #[test]
    fn a_new_source_goes_on_where_the_old_one_stopped_over_the_wrap() {
        let at = |picture_id, tl0| Counters {
            picture_id,
            long_picture_id: true,
            tl0_picture_index: Some(tl0),
        };
        let mut slot = CounterRewriter::default();
        assert_eq!(slot.rewrite(at(0x7fff, 255)).picture_id, 0x7fff);
        slot.start(at(100, 9));
        let next = slot.rewrite(at(100, 9));
        assert_eq!((next.picture_id, next.tl0_picture_index), (0, Some(0)));
        let next = slot.rewrite(at(101, 10));
        assert_eq!((next.picture_id, next.tl0_picture_index), (1, Some(1)));
    }
}
