//! Hides the payload of a panic: it may hold a person's data.

use std::io::{self, Write};
use std::panic::{self, Location};
use std::thread;

/// Replaces the panic hook by one that logs where a panic happened, and nothing of what it says.
///
/// Before [`init`](crate::init()) the same sentence goes straight to standard error.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| report(info.location())));
}

fn report(location: Option<&Location<'_>>) {
    let (file, line) = location.map_or(("unknown", 0), |at| (at.file(), at.line()));
    if !tracing::dispatcher::has_been_set() {
        // A process that dies in silence is worse; a closed stream is no reason to panic again.
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
