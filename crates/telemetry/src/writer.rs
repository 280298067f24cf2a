//! Scrubs every formatted line before it is written to the stream.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use crate::format::Format;
use crate::json;
use crate::scrub::scrub;

/// Makes writers that scrub all lines.
#[derive(Debug, Clone)]
pub(crate) struct Scrubbed<W> {
    inner: W,
    format: Format,
}

impl<W> Scrubbed<W> {
    pub(crate) fn new(inner: W, format: Format) -> Self {
        Self { inner, format }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Scrubbed<W> {
    type Writer = ScrubbedWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        ScrubbedWriter {
            inner: self.inner.make_writer(),
            format: self.format,
        }
    }
}

/// Scrubs each buffer as a whole, because the formatter writes an event with a single call.
#[derive(Debug)]
pub(crate) struct ScrubbedWriter<W> {
    inner: W,
    format: Format,
}

impl<W: Write> Write for ScrubbedWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let clean = match self.format {
            Format::Text => scrub(&text),
            Format::Json => json::scrub(&text),
        };
        // One call for the whole line, so that lines of several threads are not mixed.
        self.inner.write_all(clean.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A stream that stores all written bytes.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn the_number_of_written_bytes_is_that_of_the_original_line() {
        let buffer = Buffer::default();
        let mut writer = Scrubbed::new(buffer.clone(), Format::Text).make_writer();
        let line = b"bvn 22212345678 \xff\n";
        assert_eq!(writer.write(line).unwrap(), line.len());
        writer.flush().unwrap();
        assert_eq!(buffer.text(), "bvn [digits] \u{fffd}\n");
    }
}
