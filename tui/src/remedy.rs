//! What to do about an error that came from the cluster: one row a kind of error.

/// One kind of error.
#[derive(Debug)]
pub struct Remedy {
    /// Parts of its text, in lower case; any of them will do.
    signs: &'static [&'static str],
    /// What to do.
    pub advice: &'static str,
    /// Whether waiting cannot help.
    pub lasting: bool,
}

/// All kinds. The first that applies counts.
const REMEDIES: &[Remedy] = &[
    // Says itself what to do.
    Remedy { signs: &["--exporter-token-file"], advice: "", lasting: true },
    Remedy {
        signs: &["invalidcontenttype"],
        advice: "the server does not speak TLS: write its address with http://",
        lasting: true,
    },
    Remedy {
        signs: &["http request to an https server"],
        advice: "the server speaks TLS: write its address with https://",
        lasting: true,
    },
    Remedy {
        signs: &["forbidden", "403"],
        advice: "or look only where you may, with -n NAMESPACE",
        lasting: true,
    },
    Remedy {
        signs: &["unauthorized", "credentials", "401"],
        advice: "log in again, or choose other credentials with --context or --user",
        lasting: true,
    },
    Remedy {
        signs: &["certificate", "unknownissuer", "tls"],
        advice: "the server's certificate is not trusted: check certificate-authority in the kubeconfig",
        lasting: true,
    },
    Remedy {
        signs: &["dns", "resolve", "lookup", "name or service"],
        advice: "the server's name cannot be found: check the network, a VPN, and its address in the kubeconfig or --exporter",
        lasting: false,
    },
    Remedy {
        signs: &["refused", "unreachable", "timed out", "timeout", "connect"],
        advice: "the server does not answer: check that it runs, the network, and its address in the kubeconfig or --exporter",
        lasting: false,
    },
];

/// What to do about this error, if it is of a known kind.
#[must_use]
pub fn of(error: &str) -> Option<&'static Remedy> {
    let error = error.to_lowercase();
    REMEDIES.iter().find(|remedy| remedy.signs.iter().any(|sign| error.contains(sign)))
}

/// The advice, or nothing.
#[must_use]
pub fn advice(error: &str) -> &'static str {
    of(error).map_or("", |remedy| remedy.advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_from_absences() {
        assert!(of("leases is forbidden: User \"x\" cannot list").is_some_and(|r| r.lasting));
        assert!(of("401 Unauthorized").is_some_and(|r| r.lasting));
        assert!(of("Connection refused (os error 111)").is_some_and(|r| !r.lasting));
        assert!(of("something else").is_none());
    }

    #[test]
    fn what_cannot_help_is_not_advised() {
        let exporters = "the exporter does not take our credentials: Unauthorized; --exporter-token-file names it";
        assert!(of(exporters).is_some_and(|r| r.lasting && r.advice.is_empty()));
        let plain = "client error (Connect): received corrupt message of type InvalidContentType";
        assert!(of(plain).is_some_and(|r| r.lasting && r.advice.contains("http://")));
    }
}
