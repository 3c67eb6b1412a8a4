//! Packets on a TCP stream: two octets of length before each (RFC 4571 §2).

/// Longer frames cannot be one of ours: media fits an MTU, STUN and DTLS too.
const MAX_FRAME: usize = 8 * 1024;

/// Collects bytes and gives back whole frames.
#[derive(Debug, Default)]
pub struct FrameReader {
    bytes: Vec<u8>,
    at: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct FrameTooLong;

impl FrameReader {
    pub fn push(&mut self, bytes: &[u8]) {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameTooLong> {
        let rest = &self.bytes[self.at..];
        let Some(head) = rest.get(..2) else {
            return Ok(None);
        };
        let len = usize::from(u16::from_be_bytes([head[0], head[1]]));
        if len > MAX_FRAME {
            return Err(FrameTooLong);
        }
        if rest.len() < 2 + len {
            return Ok(None);
        }
        let start = self.at + 2;
        self.at = start + len;
        Ok(Some(&self.bytes[start..self.at]))
    }
}

/// The length octets of a frame; None when it does not fit.
pub fn frame_header(len: usize) -> Option<[u8; 2]> {
    u16::try_from(len).ok().map(u16::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_the_bytes_arrive() {
        let stream = [0, 3, b'a', b'b', b'c', 0, 0, 0, 1, b'd'];
        for cut in 0..stream.len() {
            let mut reader = FrameReader::default();
            let mut frames: Vec<Vec<u8>> = vec![];
            for part in [&stream[..cut], &stream[cut..]] {
                reader.push(part);
                while let Some(frame) = reader.next_frame().unwrap() {
                    frames.push(frame.to_vec());
                }
            }
            assert_eq!(frames, vec![b"abc".to_vec(), vec![], b"d".to_vec()]);
        }
    }

    #[test]
    fn a_lying_length_ends_the_stream() {
        let mut reader = FrameReader::default();
        reader.push(&[0xff, 0xff, 1]);
        assert_eq!(reader.next_frame(), Err(FrameTooLong));
    }
}
