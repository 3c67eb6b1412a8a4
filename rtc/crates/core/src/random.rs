//! Unpredictable numbers from the standard library's per-process hash keys.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// For first sequence numbers and timestamps (RFC 3550 §5.1); not for keys.
pub fn random_u64() -> u64 {
    RandomState::new().hash_one(0u8)
}
