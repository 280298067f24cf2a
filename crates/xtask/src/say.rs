//! Hides how a task prints its messages.

/// Prints a message to standard error. Standard output belongs to the programs that a task runs.
pub(crate) fn say(sentence: &str) {
    eprintln!("xtask: {sentence}");
}
