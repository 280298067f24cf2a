//! Logs panics without their payload, which may contain personal data.

use std::io::{self, Write};
use std::panic::{self, Location};
use std::thread;

/// Replaces the panic hook by one that logs the location of a panic without its message.
///
/// Before [`init`](crate::init()) is called, the location is written to standard error directly.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| report(info.location())));
}

fn report(location: Option<&Location<'_>>) {
    let (file, line) = location.map_or(("unknown", 0), |at| (at.file(), at.line()));
    if !tracing::dispatcher::has_been_set() {
        // Without a subscriber the panic would be silent. A failed write is ignored, so that the hook does not panic.
        let _ = writeln!(io::stderr().lock(), "a panic at {file}:{line}");
        return;
    }
    let current = thread::current();
    let thread = current.name().unwrap_or("unnamed");
    tracing::error!(
        panic.file = file,
        panic.line = line,
        panic.thread = thread,
        "a panic"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::init::{LogConfig, subscriber};
    use crate::writer::tests::Buffer;

    #[test]
    fn the_place_is_logged_and_the_payload_is_not() {
        let buffer = Buffer::default();
        let config = LogConfig {
            format: Format::Text,
            level: "info".to_owned(),
        };
        let subscriber = subscriber(&config, buffer.clone()).unwrap();
        let before = panic::take_hook();
        install_panic_hook();
        let result = tracing::subscriber::with_default(subscriber, || {
            panic::catch_unwind(|| panic!("the name is {}", "Adebayo"))
        });
        panic::set_hook(before);
        assert!(result.is_err());
        let text = buffer.text();
        assert!(
            text.contains("a panic") && text.contains("panic.rs"),
            "{text}"
        );
        assert!(!text.contains("Adebayo"), "{text}");
    }
}
