#![doc = include_str!("../README.md")]

pub mod claims;
pub mod date;
pub mod echo;
pub mod failure;
pub mod fields;
pub mod id;
pub mod identity;
pub mod mask;
pub mod matching;
pub mod number;
pub mod outcome;
pub mod reason;
pub mod record;
pub mod request;
pub mod sensitive;
pub mod settle;
pub mod terms;

pub use claims::{Claim, Claims};
pub use date::RecordDate;
pub use echo::without_echo;
pub use failure::{Call, Class, Failure, Sealed};
pub use fields::{Fields, Refusal, Refusals};
pub use id::VerificationId;
pub use identity::Identity;
pub use matching::{MatchPolicies, MatchPolicy, Rule, assess};
pub use number::Number;
pub use outcome::{CallDetails, Check, Image, Match, Outcome, Reused, Verdict};
pub use reason::{Reason, ReasonCode};
pub use record::{Company, Person, Record};
pub use request::{Request, Subject};
pub use sensitive::Sensitive;
pub use settle::{AmbiguousCalls, AttemptContext, Decision, Park, ParkReason, Policy, settle};
pub use terms::{Consent, Priority, Tenant, Terms};
