//! Names with passwords. The work that bcrypt makes on purpose is kept from whoever sends wrong ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use leadership::time::Delta;
use observe::clock;
use tokio::sync::Semaphore;

use super::cache::Cache;
use super::secret::{Mark, Marker};

/// How long a right password is known without being checked again. The hash is part of what is remembered, so a
/// password that is changed in the file is wrong at once.
const RIGHT: Delta = Delta::from_secs(3600);
/// How long a wrong one is.
const WRONG: Delta = Delta::from_secs(60);

/// Passwords that were checked.
#[derive(Debug)]
pub(super) struct Passwords {
    marker: Marker,
    /// Apart from each other, so that wrong ones cannot push right ones out.
    right: Cache<()>,
    wrong: Cache<()>,
    /// One check at a time, whatever comes.
    turn: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { marker: Marker::default(), right: Cache::default(), wrong: Cache::default(), turn }
    }
}

/// What a client said who it is.
struct Claim {
    name: String,
    password: Vec<u8>,
}

impl Passwords {
    /// Whether the header has the name and password of one of the users, whose hashes these are.
    pub(super) async fn admit(
        &self,
        users: &BTreeMap<String, String>,
        authorization: Option<&HeaderValue>,
    ) -> bool {
        let Some(claim) = authorization.and_then(claim) else { return false };
        let known = users.get(&claim.name);
        // Whoever is not known costs the same time, so that names cannot be found out.
        let Some(hash) = known.or_else(|| users.values().next()) else { return false };
        let mark = self.marker.mark(&[claim.name.as_bytes(), hash.as_bytes(), &claim.password]);
        if let Some(known) = self.remembered(mark) {
            return known;
        }
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else { return false };
        if let Some(known) = self.remembered(mark) {
            return known;
        }
        let hash = hash.clone();
        let check = tokio::task::spawn_blocking(move || {
            let right = bcrypt::verify(&claim.password, &hash).unwrap_or(false);
            drop(turn);
            right
        });
        let right = check.await.unwrap_or(false) && known.is_some();
        let (cache, lasts) = if right { (&self.right, RIGHT) } else { (&self.wrong, WRONG) };
        cache.keep(mark, (), clock::now(), lasts);
        right
    }

    fn remembered(&self, mark: Option<Mark>) -> Option<bool> {
        let now = clock::now();
        let right = self.right.get(mark, now).map(|()| true);
        right.or_else(|| self.wrong.get(mark, now).map(|()| false))
    }
}

fn claim(header: &HeaderValue) -> Option<Claim> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = STANDARD.decode(encoded.trim()).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let name = String::from_utf8(pair.get(..colon)?.to_vec()).ok()?;
    Some(Claim { name, password: pair.get(colon + 1..)?.to_vec() })
}
