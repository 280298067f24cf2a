//! What a file is read into.

use kyc_domain::{Refusals, Request};

/// A row of a file: a job, or why it is none.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins, counted from 1 as an editor does.
    pub line: usize,
    /// Its size in the file, with the blank lines before it.
    pub size: u64,
    /// The job, or all its faults. A fault names the field as in a job, and repeats no value.
    pub job: Result<Request, Refusals>,
}

/// Why nothing of a file can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; {remedy}")]
pub struct Unusable {
    /// The line with the fault, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
}

impl Unusable {
    pub(crate) fn new(line: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
