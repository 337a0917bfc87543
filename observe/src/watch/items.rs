//! The items of a list in protobuf, taken out as they come.
//!
//! The whole answer is one envelope, whose second field is the list; the list's fields are its metadata and one for each
//! item. So nothing but the item that is coming must be kept.

use crate::read::proto::{self, Malformed, Raw};

/// The field of the envelope that is the list, with the shape of bytes.
const LIST: u64 = 2 << 3 | 2;

/// Bytes that came and have not been taken.
#[derive(Default)]
pub(super) struct Items {
    bytes: Vec<u8>,
    start: usize,
    /// Whether the list itself has begun.
    inside: bool,
}

impl Items {
    pub(super) fn push(&mut self, data: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(data);
    }

    /// Bytes that wait for the rest of their field.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// The next whole field of the list: its number, and its message. None if more must come first.
    pub(super) fn next_field(&mut self) -> Result<Option<(u64, &[u8])>, Malformed> {
        if !self.inside && !self.enter()? {
            return Ok(None);
        }
        let mut rest = &self.bytes[self.start..];
        match proto::next_field(&mut rest) {
            Ok(Some((number, value))) => {
                self.start = self.bytes.len() - rest.len();
                let message = if let Raw::Bytes(message) = value { message } else { &[] };
                Ok(Some((number, message)))
            }
            // Nothing tells what is cut short from what is malformed but its length.
            Ok(None) | Err(Malformed) => Ok(None),
        }
    }

    /// Steps into the list, if its beginning is there.
    fn enter(&mut self) -> Result<bool, Malformed> {
        let Some(mut rest) = proto::in_envelope(&self.bytes)? else { return Ok(false) };
        while let Ok(tag) = proto::varint(&mut rest) {
            if tag == LIST {
                self.inside = proto::varint(&mut rest).is_ok();
                self.start = if self.inside { self.bytes.len() - rest.len() } else { 0 };
                return Ok(self.inside);
            }
            if proto::next_value(tag, &mut rest).is_err() {
                return Ok(false);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A field of bytes.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2];
        prost::encoding::encode_varint(bytes.len() as u64, &mut out);
        [&out, bytes].concat()
    }

    proptest! {
        #[test]
        fn items_do_not_depend_on_how_they_are_cut(
            texts in prop::collection::vec("[a-z]{0,300}", 0..9),
            cut in 1_usize..99,
        ) {
            let list: Vec<u8> = texts.iter().flat_map(|text| field(2, text.as_bytes())).collect();
            let list = [field(1, b"meta"), list].concat();
            let unknown = [field(1, b"type"), field(2, &list)].concat();
            let mut items = Items::default();
            let mut got = Vec::new();
            for chunk in [b"k8s\0", &unknown[..]].concat().chunks(cut) {
                items.push(chunk);
                while let Some((number, message)) = items.next_field().unwrap() {
                    got.push((number, String::from_utf8(message.to_vec()).unwrap()));
                }
            }
            let mut expected = vec![(1, "meta".to_owned())];
            expected.extend(texts.into_iter().map(|text| (2, text)));
            prop_assert_eq!(got, expected);
            prop_assert_eq!(items.waiting(), 0);
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let mut items = Items::default();
        items.push(b"k8");
        assert!(items.next_field().unwrap().is_none());
        items.push(b"x");
        assert!(items.next_field().is_err());
    }
}
