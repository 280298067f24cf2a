//! Parses libFuzzer's log of a run.

use std::fmt;

/// The result of a target.
pub(super) struct Told {
    runs: u64,
    a_second: u64,
    edges: u64,
    inputs: u64,
    passed: bool,
    finding: Option<Finding>,
}

/// An input that made a target panic, or that took too long.
struct Finding {
    /// The file to which libFuzzer wrote the input.
    input: String,
    /// The place of the panic. `None` if the input took too long.
    place: Option<String>,
}

impl Told {
    /// Reads the log of a run that has ended.
    pub(super) fn read(log: &str, passed: bool) -> Self {
        let progress = || log.lines().rev().filter(|line| line.starts_with('#'));
        let last = |word: &str| progress().find_map(|line| number_behind(line, word));
        let tried = progress().find_map(|line| digits(line.strip_prefix('#')?));
        let counted = number_behind(log, "stat::number_of_executed_units:");
        Self {
            runs: counted.or(tried).unwrap_or_default(),
            a_second: number_behind(log, "stat::average_exec_per_sec:").unwrap_or_default(),
            edges: last("cov:").unwrap_or_default(),
            inputs: last("corp:").unwrap_or_default(),
            passed,
            finding: finding(log),
        }
    }

    /// Returns whether any input was tried. If not, the target was not built or did not start.
    pub(super) fn began(&self) -> bool {
        self.runs > 0 || self.finding.is_some()
    }

    /// Returns the input that took too long, if it ended the run.
    pub(super) fn slow(&self) -> Option<&str> {
        let input = &self.finding.as_ref()?.input;
        input.contains("/timeout-").then_some(input)
    }

    /// Returns the same result without its finding.
    pub(super) fn without_finding(self) -> Self {
        Self {
            passed: true,
            finding: None,
            ..self
        }
    }

    /// Returns whether the run had no finding.
    pub(super) fn passed(&self) -> bool {
        self.passed && self.finding.is_none()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runs,
            a_second,
            edges,
            inputs,
            ..
        } = self;
        write!(
            f,
            "{runs} runs, {a_second} a second, {edges} edges covered by {inputs} inputs: "
        )?;
        match &self.finding {
            Some(Finding { input, place: None }) => write!(f, "FOUND {input}"),
            Some(Finding {
                input,
                place: Some(place),
            }) => write!(f, "FOUND {input}, at {place}"),
            None if !self.passed => write!(f, "FAILED, see its log"),
            None => write!(f, "no finding"),
        }
    }
}

fn finding(log: &str) -> Option<Finding> {
    // libFuzzer reports a slow unit without ending the run.
    let lines = || log.lines().filter(|line| !line.contains("slow-unit-"));
    let behind = |words: &str| lines().find_map(|line| Some(line.split_once(words)?.1));
    let place = behind("panicked at ").map(|place| place.trim_end_matches(':').to_owned());
    let input = behind("Test unit written to ")?.to_owned();
    Some(Finding { input, place })
}

fn number_behind(text: &str, word: &str) -> Option<u64> {
    digits(text[text.find(word)? + word.len()..].trim_start())
}

fn digits(text: &str) -> Option<u64> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: &str = "INFO: seed corpus: files: 47
#48	INITED cov: 1795 ft: 4415 corp: 44/15Kb exec/s: 0 rss: 78Mb
#65536	pulse  cov: 1990 ft: 8090 corp: 901/99Kb lim: 4096 exec/s: 21845 rss: 511Mb
#70000	DONE   cov: 2001 ft: 8111 corp: 912/101Kb lim: 4096 exec/s: 21000 rss: 511Mb
Done 70000 runs in 31 second(s)
stat::number_of_executed_units: 70000
stat::average_exec_per_sec:     2258
";

    #[test]
    fn a_run_without_a_finding_shows_its_figures() {
        let told = Told::read(QUIET, true);
        assert!(told.passed() && told.began());
        assert_eq!(
            told.to_string(),
            "70000 runs, 2258 a second, 2001 edges covered by 912 inputs: no finding"
        );
    }

    #[test]
    fn a_finding_names_its_file() {
        let log = "#48	INITED cov: 1795 ft: 4415 corp: 44/15Kb exec/s: 0 rss: 78Mb
thread '<unnamed>' panicked at tests/fuzz/src/assess.rs:70:9:
artifact_prefix='/x/'; Test unit written to /x/crash-0123
Base64: eA==
";
        let told = Told::read(log, false);
        assert!(!told.passed() && told.began());
        assert!(
            told.to_string()
                .ends_with("by 44 inputs: FOUND /x/crash-0123, at tests/fuzz/src/assess.rs:70:9"),
            "{told}"
        );
    }

    #[test]
    fn an_input_that_took_too_long_can_be_tried_again() {
        let log = "#48\tINITED cov: 1795 ft: 4415 corp: 44/15Kb
==7== ERROR: libFuzzer: timeout after 82 seconds
artifact_prefix='x/'; Test unit written to x/timeout-01
";
        let told = Told::read(log, false);
        assert_eq!(told.slow(), Some("x/timeout-01"));
        assert!(!told.passed() && told.without_finding().passed());
        assert_eq!(Told::read(QUIET, true).slow(), None);
    }

    #[test]
    fn a_run_that_did_not_start_differs_from_one_that_was_ended() {
        assert!(!Told::read("error: could not compile", false).began());
        let ended = Told::read("#48	INITED cov: 17 ft: 44 corp: 4/15Kb", false);
        assert!(ended.began() && !ended.passed());
    }
}
