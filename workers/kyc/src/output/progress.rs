//! One verification in a few lines.

use std::fmt::Write as _;

use kyc_domain::Reused;
use kyc_queue::Verification;

use super::waiting;

/// What is said of a verification whose key record is gone.
pub(crate) const ERASED: &str =
    "Its data was erased: its key record is gone, so nothing that was sealed of it can be opened.";

/// Formats one verification in a few lines. The masked number is the only personal data in it.
pub(crate) fn progress(known: &Verification) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{name:<14}{value}");
        }
    };
    line("verification", &known.id.to_string());
    line("check", &format!("{} {}", known.kind, known.number));
    line("reference", &known.reference);
    line("state", known.state.as_str());
    if let Some(waiting) = &known.waiting {
        line("waits", &waiting::why(waiting));
        line("why not yet", &waiting::sentence(waiting, known.id));
    }
    line("verdict", known.verdict.as_deref().unwrap_or_default());
    line("trouble", known.sentence.as_deref().unwrap_or_default());
    if known.erased {
        line("erased", ERASED);
    }
    line("attempts", &known.attempts.to_string());
    line("calls", &known.calls.to_string());
    if let Some(outcome) = &known.outcome {
        for reason in &outcome.reasons {
            line("because", &format!("{} ({})", reason.sentence, reason.code));
        }
        for image in &outcome.images {
            let size = format!(
                "{} {}x{}, {} bytes",
                image.media_type, image.width, image.height, image.bytes
            );
            line(&image.name, &size);
        }
        if let Some(reused) = &outcome.reused {
            let Reused {
                verification,
                answered_at,
            } = reused;
            line(
                "answer",
                &format!("of {answered_at:.0}, to {verification}: reused"),
            );
        }
        if outcome.call_details.sandbox {
            line("provider", "a sandbox: made up");
        }
    }
    text.truncate(text.trim_end().len());
    text
}
