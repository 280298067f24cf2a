//! A job as a producer writes it: one constructor for each kind, and a method for each field that all kinds share.

use std::fmt;

use jiff::Timestamp;
use kyc_domain::{Claim, Priority, Refusals, Request};
use kyc_kinds::Rules;
use serde_json::{Map, Value, json};

/// A job. It is personal data: `Debug` shows the kind alone.
#[derive(Clone)]
pub struct Job {
    fields: Map<String, Value>,
}

/// What a passport is found by. The provider requires all four.
#[derive(Clone, Copy)]
pub struct Passport<'a> {
    /// A letter and 8 digits.
    pub number: &'a str,
    /// The holder's first name.
    pub first_name: &'a str,
    /// The holder's last name.
    pub last_name: &'a str,
    /// `1986-01-20`, or any other form that can mean only one day.
    pub date_of_birth: &'a str,
}

impl Job {
    /// A person by BVN: 11 digits.
    pub fn bvn(bvn: &str) -> Self {
        Self::of("bvn", &[("bvn", bvn)])
    }

    /// A person by NIN: 11 digits.
    pub fn nin(nin: &str) -> Self {
        Self::of("nin", &[("nin", nin)])
    }

    /// A person's NIN by a Nigerian mobile number.
    pub fn nin_phone(phone: &str) -> Self {
        Self::of("nin_phone", &[("phone", phone)])
    }

    /// A company in the CAC registry by its number and its registered name.
    pub fn cac(rc_number: &str, company_name: &str) -> Self {
        let fields = [("rc_number", rc_number), ("company_name", company_name)];
        Self::of("cac", &fields)
    }

    /// A driver's licence by its number.
    pub fn drivers_license(license_number: &str) -> Self {
        Self::of("drivers_license", &[("license_number", license_number)])
    }

    /// A passport by its number and what the provider requires beside it.
    pub fn passport(passport: Passport<'_>) -> Self {
        let fields = [
            ("passport_number", passport.number),
            ("first_name", passport.first_name),
            ("last_name", passport.last_name),
            ("date_of_birth", passport.date_of_birth),
        ];
        Self::of("passport", &fields)
    }

    fn of(kind: &str, fields: &[(&str, &str)]) -> Self {
        let kind = [("kind", kind)];
        let all = kind.iter().chain(fields);
        let fields = all.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        Self {
            fields: fields.collect(),
        }
    }

    /// Claims a field, to be compared with the record. [`Job::check`] refuses claims that the kind cannot compare.
    #[must_use]
    pub fn claim(mut self, field: Claim, value: &str) -> Self {
        let claims = self.fields.entry("claims").or_insert_with(|| json!({}));
        claims[field.name()] = value.into();
        self
    }

    /// Your own id for the job, at most 128 characters. It comes back with the result, and is kept in plain text.
    #[must_use]
    pub fn reference(self, reference: &str) -> Self {
        self.with("reference", reference)
    }

    /// The owner of the job. Its inbox takes the job.
    #[must_use]
    pub fn tenant(self, tenant: &str) -> Self {
        self.with("tenant", tenant)
    }

    /// The priority among waiting jobs of the kind.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        self.with("priority", priority.as_str())
    }

    /// Two jobs of a tenant with one key are one job, so a job with a key can be added again after an unclear failure.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.with("idempotency_key", key)
    }

    /// The job does not start before this time.
    #[must_use]
    pub fn not_before(self, at: Timestamp) -> Self {
        self.with("not_before", at.to_string())
    }

    /// After this time the job is no longer wanted, and ends as dead.
    #[must_use]
    pub fn deadline(self, at: Timestamp) -> Self {
        self.with("deadline", at.to_string())
    }

    /// How often the job is tried: 1 to 100.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.with("max_attempts", attempts)
    }

    /// What the check is for. It is kept with the outcome.
    #[must_use]
    pub fn purpose(self, purpose: &str) -> Self {
        self.with("purpose", purpose)
    }

    /// The subject's consent: when it was given, and the reference of your own record of it.
    #[must_use]
    pub fn consent(self, obtained_at: Timestamp, reference: &str) -> Self {
        let obtained_at = obtained_at.to_string();
        self.with(
            "consent",
            json!({ "obtained_at": obtained_at, "reference": reference }),
        )
    }

    /// Calls the provider even if an answer could be reused.
    #[must_use]
    pub fn fresh(self) -> Self {
        self.with("fresh", true)
    }

    /// A web address that is kept with the job, sealed.
    #[must_use]
    pub fn callback_url(self, url: &str) -> Self {
        self.with("callback_url", url)
    }

    #[cfg(feature = "http")]
    pub(crate) fn has_idempotency_key(&self) -> bool {
        self.fields.contains_key("idempotency_key")
    }

    fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Checks the job as a worker does, with the rules that the installation has: its settings `validation`, `require_consent`
    /// and `keep_waiting`.
    ///
    /// # Errors
    ///
    /// All faults, each with its field and remedy, and without a value of the job.
    pub fn check(&self, rules: Rules) -> Result<Request, Refusals> {
        kyc_kinds::parse(self.to_json().as_bytes(), rules)
    }

    /// The job as JSON, in clear.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.fields).expect("a map with text keys is JSON")
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.fields["kind"].as_str().unwrap_or_default();
        f.debug_tuple("Job").field(&kind).finish()
    }
}

#[cfg(test)]
mod tests {
    use kyc_kinds::KINDS;

    use super::*;

    /// A job of each kind, with the number that the kind itself gives as an example.
    fn of(kind: &str, number: &str) -> Option<Job> {
        Some(match kind {
            "bvn" => Job::bvn(number),
            "nin" => Job::nin(number),
            "nin_phone" => Job::nin_phone(number),
            "cac" => Job::cac(number, "Okafor Farms Limited"),
            "drivers_license" => Job::drivers_license(number),
            "passport" => Job::passport(Passport {
                number,
                first_name: "Ada",
                last_name: "Okafor",
                date_of_birth: "1986-01-20",
            }),
            _ => return None,
        })
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn there_is_a_constructor_for_each_kind() {
        for kind in KINDS {
            let job =
                of(kind.name, kind.example).unwrap_or_else(|| panic!("none for {}", kind.name));
            let request = job.check(Rules::default()).unwrap();
            assert_eq!(request.kind, kind.name);
            for claim in kind.claims {
                let value = match claim {
                    Claim::DateOfBirth | Claim::ExpiryDate => "1986-01-20",
                    Claim::Phone => "0803 123 4567",
                    Claim::Gender => "female",
                    Claim::Nin => "12345678901",
                    _ => "Okafor",
                };
                let request = job.clone().claim(*claim, value).check(Rules::default());
                assert!(request.unwrap().claims.get(*claim).is_some(), "{claim:?}");
            }
        }
    }

    #[test]
    fn every_field_of_a_job_can_be_set() {
        let job = Job::bvn("22212345061")
            .reference("loan-2")
            .tenant("acme")
            .priority(Priority::High)
            .idempotency_key("loan-2/bvn")
            .not_before(at("2026-01-31T14:30:00Z"))
            .deadline(at("2026-02-01T14:30:00Z"))
            .max_attempts(3)
            .purpose("loan")
            .consent(at("2026-01-30T09:00:00Z"), "form-9")
            .fresh()
            .callback_url("https://example.com/kyc");
        let terms = job.check(Rules::default()).unwrap().terms;
        assert_eq!(terms.reference.as_deref(), Some("loan-2"));
        assert_eq!(terms.tenant.as_str(), "acme");
        assert_eq!(terms.max_attempts, Some(3));
        // What the terms write is everything that a job can say beside its subject and its claims.
        let mut all = Map::new();
        terms.write(&mut all);
        for field in ["kind", "bvn"] {
            all.insert(field.to_owned(), job.fields[field].clone());
        }
        assert_eq!(Value::Object(all), Value::Object(job.fields));
    }

    #[test]
    fn a_wrong_job_is_refused_with_the_messages_of_a_worker_and_never_shown() {
        let rules = Rules {
            require_consent: true,
            ..Rules::default()
        };
        let cases = [
            (Job::bvn("222123"), "bvn has 6 digits instead of 11"),
            (
                Job::bvn("22212345061").claim(Claim::Email, "ada@example.com"),
                "email",
            ),
            (Job::nin("12345678901").max_attempts(0), "max_attempts"),
            (Job::nin("12345678901").tenant("Acme"), "tenant"),
            (
                Job::nin("12345678901").reference("of-12345678901"),
                "reference",
            ),
            (Job::nin("12345678901"), "consent is missing"),
        ];
        for (job, told) in cases {
            let refused = match told {
                "reference" => job.check(Rules::default()),
                _ => job.check(rules),
            };
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
            let shown = format!("{job:?} {refused}");
            assert!(
                !shown.contains("123456789") && !shown.contains("ada@"),
                "{shown}"
            );
        }
    }
}
