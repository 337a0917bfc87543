//! What is printed: the standard output, whose errors say so.

use std::io::{self, Stdout, Write};

use serde::Serialize;

/// The standard output. Another error than its own would leave open what could not be written.
#[derive(Debug)]
pub(crate) struct Out(Stdout);

/// The standard output, to print on.
pub(crate) fn out() -> Out {
    Out(io::stdout())
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| named(&error))
    }
}

fn named(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to the standard output: {error}"))
}

/// Prints one object for programs, with lines and indentation.
pub(crate) fn json(out: &mut impl Write, object: &impl Serialize) -> io::Result<()> {
    // As an error of the output, not of its form: whoever reads no more is told by its kind.
    serde_json::to_writer_pretty(&mut *out, object).map_err(io::Error::from)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody reads it any more.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn objects_tell_as_others_do_that_nobody_reads_them() {
        let error = json(&mut Gone, &["x"]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn errors_keep_their_kind_and_name_the_output() {
        let error = named(&io::ErrorKind::BrokenPipe.into());
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(error.to_string().starts_with("cannot write to the standard output: "), "{error}");
    }
}
