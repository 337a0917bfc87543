//! Marks that stand for secrets, so that a secret itself is kept nowhere.

use std::fmt;

use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::{SecureRandom as _, SystemRandom};

/// Stands for a secret as long as this process lives, and says nothing about it outside.
pub(super) type Mark = [u8; 32];

/// Makes marks with a key that only this process knows.
pub(super) struct Marker(Option<Key>);

impl Default for Marker {
    fn default() -> Self {
        let mut bytes = [0; 32];
        let drawn = SystemRandom::new().fill(&mut bytes);
        Self(drawn.ok().map(|()| Key::new(HMAC_SHA256, &bytes)))
    }
}

impl Marker {
    /// The mark of these parts together; none if the system had no random bytes, and then nothing is remembered.
    pub(super) fn mark(&self, parts: &[&[u8]]) -> Option<Mark> {
        let mut whole = Vec::new();
        for part in parts {
            // With their lengths, so that no two lists of parts look the same.
            whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
            whole.extend_from_slice(part);
        }
        let tag = sign(self.0.as_ref()?, &whole);
        Mark::try_from(tag.as_ref()).ok()
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_lists_of_parts_apart_and_differ_between_processes() {
        let marker = Marker::default();
        assert_eq!(marker.mark(&[b"ab", b"c"]), marker.mark(&[b"ab", b"c"]));
        assert_ne!(marker.mark(&[b"ab", b"c"]), marker.mark(&[b"a", b"bc"]));
        assert_ne!(marker.mark(&[b"ab"]), Marker::default().mark(&[b"ab"]));
    }
}
