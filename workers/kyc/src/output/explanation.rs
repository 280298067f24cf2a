//! Formats explanations of verifications.

use std::fmt::Write as _;

use jiff::Timestamp;
use kyc_domain::{Match, Reason};

use super::table::table;
use crate::commands::{
    assess::Assessed,
    explain::{Asked, Compared, Explanation, Shown, Tried},
};

/// Formats a whole explanation, part by part.
pub(crate) fn explanation(told: &Explanation<'_>) -> String {
    let mut text = format!("Verification {}\n", told.id);
    asked(&mut text, &told.asked);
    heading(&mut text, "Result");
    let state = told.verdict.map_or_else(
        || told.state.as_str().to_owned(),
        |verdict| format!("{}: {verdict}", told.state.as_str()),
    );
    line(&mut text, "state", &state);
    line(&mut text, "in words", &told.sentence);
    line(
        &mut text,
        "ended",
        &told.finished_at.map_or_else(String::new, moment),
    );
    line(&mut text, "images", &told.images.join(", "));
    why(&mut text, &told.compared, told.reasons);
    if !told.attempts.is_empty() {
        heading(&mut text, "Attempts");
        text += &attempts(&told.attempts);
        text.push('\n');
    }
    cost(&mut text, told);
    text.truncate(text.trim_end().len());
    text
}

/// Formats an assessment that belongs to no verification.
pub(crate) fn assessed(told: &Assessed<'_>) -> String {
    let mut text = String::new();
    line(&mut text, "check", told.asked.title);
    line(&mut text, "claimed", &shown(&told.asked.claimed));
    line(&mut text, "verdict", told.verdict);
    line(&mut text, "in words", told.sentence);
    why(&mut text, &told.compared, told.reasons);
    text.truncate(text.trim_end().len());
    text
}

/// Adds the comparison and the reasons.
fn why(text: &mut String, checks: &[Compared<'_>], reasons: &[Reason]) {
    if !checks.is_empty() {
        heading(text, "Comparison");
        *text += &compared(checks);
        text.push('\n');
    }
    if !reasons.is_empty() {
        heading(text, "Reasons");
    }
    for reason in reasons {
        let tell = if reason.tell_subject {
            "the person may be told"
        } else {
            "the person must not be told"
        };
        let again = if reason.ask_again {
            "; asking again can help once it is corrected"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "- {} ({}; {tell}{again})",
            reason.sentence, reason.code
        );
    }
}

// Writing to a String does not fail.
fn heading(text: &mut String, heading: &str) {
    let _ = writeln!(text, "\n{heading}");
}

fn line(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "{name:<14}{value}");
    }
}

fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn asked(text: &mut String, asked: &Asked<'_>) {
    heading(text, "Request");
    line(text, "check", &format!("{} {}", asked.title, asked.number));
    line(text, "with", &shown(&asked.details));
    line(text, "claimed", &shown(&asked.claimed));
    line(text, "reference", asked.reference);
    line(text, "tenant", asked.tenant);
    line(text, "priority", asked.priority);
    line(text, "purpose", asked.purpose.unwrap_or_default());
    let consent = asked.consent.map(|consent| {
        format!(
            "{}, given at {}",
            consent.reference,
            moment(consent.obtained_at)
        )
    });
    line(text, "consent", &consent.unwrap_or_default());
    if asked.fresh {
        line(text, "answer", "the provider must be called");
    }
    line(text, "accepted", &moment(asked.accepted_at));
    line(
        text,
        "deadline",
        &asked.deadline.map_or_else(String::new, moment),
    );
}

fn shown(fields: &[Shown]) -> String {
    let fields = fields.iter();
    let fields = fields.map(|shown| format!("{} {}", shown.field, shown.value));
    fields.collect::<Vec<_>>().join(", ")
}

fn compared(checks: &[Compared<'_>]) -> String {
    let mut rows = table(&["field", "claimed", "record", "result", "score", "why"]);
    for check in checks {
        let result = match check.result {
            Match::Match => "match",
            Match::Partial => "partial",
            Match::Mismatch => "mismatch",
            Match::Unknown => "unknown",
        };
        let why = if check.why.is_empty() {
            check.rule.to_owned()
        } else {
            format!("{} ({})", check.why, check.rule)
        };
        rows.add_row([
            check.field.to_owned(),
            check.claimed.clone(),
            check.record.join(", "),
            result.to_owned(),
            format!("{:.2}", check.score),
            why,
        ]);
    }
    rows.to_string()
}

fn attempts(attempts: &[Tried<'_>]) -> String {
    let mut rows = table(&["at", "attempt", "what happened", "code", "status", "ms"]);
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    for Tried { attempt, what } in attempts {
        let at = Timestamp::from_millisecond(attempt.at);
        rows.add_row([
            at.map_or_else(|_| String::new(), moment),
            attempt.attempt.to_string(),
            (*what).to_owned(),
            attempt.code.clone().unwrap_or_default(),
            number(attempt.status.map(u64::from)),
            number(attempt.ms),
        ]);
    }
    rows.to_string()
}

fn cost(text: &mut String, told: &Explanation<'_>) {
    heading(text, "Cost");
    line(text, "calls", &told.cost.sentence);
    line(text, "attempts", &told.cost.attempts.to_string());
    if told.cost.stalls > 0 {
        line(text, "stalls", &told.cost.stalls.to_string());
    }
    if let Some(reused) = told.reused {
        let at = moment(reused.answered_at);
        let from = format!(
            "the provider's of {at}, to verification {}",
            reused.verification
        );
        line(text, "answer", &from);
    }
    if told.sandbox {
        line(text, "provider", "a sandbox: made up");
    }
}
