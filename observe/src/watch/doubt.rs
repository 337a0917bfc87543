//! Whether a server that is silent knows what happens.
//!
//! Where elections renew all the time and two streams in a row are silent, either nobody renews any more, or the server does
//! not learn of it: one that lost etcd, among others that did not, sends nothing and knows nothing of that. Mostly a list
//! tells one from the other, for the server has to ask etcd for it. But a server that stands still may also list what it
//! knew, and what it says is no sight: claims that are renewed elsewhere would run out in our eyes. So a list is believed if
//! an object in it is newer than what the streams brought, or else as soon as its version moves from one list to the next.
//! Versions count all writes in a cluster, and there is never a minute without one: kubelets and API servers have leases, too.

use super::failure::Failure;

/// What a silent server said, as long as it is not believed.
#[derive(Debug, Default)]
pub(super) struct Doubt(Option<Said>);

#[derive(Debug)]
struct Said {
    /// The version that the streams came to.
    streamed: Option<u64>,
    /// The version of the last list.
    listed: Option<String>,
}

impl Doubt {
    /// The second stream in a row was silent.
    pub(super) fn begin(&mut self, version: Option<&str>) {
        let streamed = version.and_then(|version| version.parse().ok());
        self.0.get_or_insert(Said { streamed, listed: None });
    }

    /// A list came of this version, its newest object of that one.
    ///
    /// # Errors
    /// If the list says nothing that a server that stands still would not say.
    pub(super) fn hear(&mut self, version: &str, newest: Option<u64>) -> Result<(), Failure> {
        let Some(said) = &mut self.0 else { return Ok(()) };
        let moved = said.listed.replace(version.to_owned()).is_some_and(|it| it != version);
        if moved || newest > said.streamed {
            self.0 = None;
            return Ok(());
        }
        Err(Failure::still(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_doubt_every_list_is_believed() {
        let mut doubt = Doubt::default();
        assert!(doubt.hear("7", Some(7)).is_ok());
        assert!(doubt.hear("7", Some(7)).is_ok());
    }

    #[test]
    fn what_is_newer_than_the_stream_is_believed_at_once() {
        let mut doubt = Doubt::default();
        doubt.begin(Some("7"));
        assert!(doubt.hear("9", Some(8)).is_ok());
        assert!(doubt.hear("9", Some(8)).is_ok(), "and the doubt is over");
    }

    #[test]
    fn a_server_that_stands_still_is_believed_when_its_version_moves() {
        let mut doubt = Doubt::default();
        doubt.begin(Some("7"));
        for _ in 0..2 {
            assert!(doubt.hear("9", Some(7)).is_err(), "others wrote before it stood still");
            doubt.begin(Some("9"));
        }
        assert!(doubt.hear("10", Some(7)).is_ok(), "nobody renews, and it knows that");
    }
}
