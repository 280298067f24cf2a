//! Reads the settings about sentences of the provider.

use kyc_verification::{Messages, Patterns};

use super::Layers;

/// Returns the meanings of the provider's sentences.
pub(crate) fn read(layers: &Layers) -> Messages {
    let patterns = |key| layers.texts(key).into_iter().collect::<Patterns>();
    Messages {
        wallet_empty: patterns("wallet_messages"),
        throttled: patterns("throttle_messages"),
        key_refused: patterns("key_messages"),
        unavailable: patterns("unavailable_messages"),
        rejected: patterns("rejected_messages"),
        not_found: patterns("not_found_messages"),
    }
}

#[cfg(test)]
mod tests {
    use kyc_verification::Meaning::{
        KeyRefused, NotFound, Rejected, Throttled, Unavailable, WalletEmpty,
    };

    use super::{super::Flags, *};

    fn messages(flags: &[(&str, &str)]) -> Messages {
        let flags = flags.iter().map(|(key, value)| {
            let flag = format!("--set {key}");
            ((*key).to_owned(), (flag, (*value).to_owned()))
        });
        read(&Layers::read(None, flags.collect::<Flags>()).unwrap())
    }

    #[test]
    fn the_defaults_know_what_providers_say() {
        let messages = messages(&[]);
        for (sentence, meaning) in [
            ("Insufficient wallet balance", WalletEmpty),
            ("Insufficient balance: please fund your wallet", WalletEmpty),
            ("Insufficient funds", WalletEmpty),
            (
                "Your wallet balance is too low for this service",
                WalletEmpty,
            ),
            ("INSUFFICIENT_FUNDS", WalletEmpty),
            ("Too Many Attempts.", Throttled),
            ("Too many requests, please slow down", Throttled),
            ("API rate limit exceeded for this API key", Throttled),
            ("Rate-limited", Throttled),
            ("Request limit reached", Throttled),
            ("Unauthenticated.", KeyRefused),
            ("Unauthorised access", KeyRefused),
            ("Invalid API key", KeyRefused),
            ("API key not found", KeyRefused),
            ("Api-Token is missing", KeyRefused),
            ("Please provide a valid token", KeyRefused),
            ("Token has expired", KeyRefused),
            ("Service unavailable, please try again later", Unavailable),
            ("Service temporarily unable to process", Unavailable),
            ("NIN service is currently unavailable", Unavailable),
            ("Request timed out", Unavailable),
            ("Scheduled maintenance", Unavailable),
            ("BVN validation failed: NIBSS did not respond", Unavailable),
            (
                "Failed Dependency: third party did not respond",
                Unavailable,
            ),
            (
                "Verification can't be completed at this time. Kindly retry later",
                Unavailable,
            ),
            ("Something went wrong, please try again", Unavailable),
            (
                "The route identity/bvn/advanced could not be found.",
                Unavailable,
            ),
            ("Daily limit exceeded", Throttled),
            ("Your balance is insufficient", WalletEmpty),
            ("Subscription expired", KeyRefused),
            ("IP not whitelisted", KeyRefused),
            ("Invalid RC number", Rejected),
            ("Invalid licence number", Rejected),
            ("The BVN does not exist", NotFound),
            ("No data for this NIN", NotFound),
            ("Unable to resolve BVN", NotFound),
            ("BVN not found. Please try again", NotFound),
            ("Invalid BVN", Rejected),
            ("The BVN is invalid or not found", Rejected),
            ("The given data was invalid.", Rejected),
            ("This number is not valid", Rejected),
            ("BVN must be 11 digits", Rejected),
            ("{\"bvn\":[\"The bvn must be 11 digits.\"]}", Rejected),
            ("Record not found", NotFound),
            ("record_not_found", NotFound),
            ("No records match", NotFound),
        ] {
            assert_eq!(messages.meaning(sentence), Some(meaning), "{sentence}");
        }
    }

    #[test]
    fn the_defaults_do_not_misfire() {
        let messages = messages(&[]);
        for sentence in [
            "",
            "Success",
            "Verified successfully",
            "Something went wrong",
            "Invalid response from NIMC",
            "Zenith Corporate Limited",
            "Token Balogun, wallet owner",
            "Keyamo Okey, 12 Limit Road, Low Fundu",
            "FIRST INVALIDS TRUST AND BALANCE LTD",
            "The subject has not authorised this check",
            "Wallet debited. Balance: 1,200.00",
        ] {
            assert_eq!(messages.meaning(sentence), None, "{sentence}");
        }
        // A record that is missing is no empty wallet, whatever else is told.
        for both in [
            "Record not found. Wallet balance: 1,200.00",
            "Your wallet balance is NGN 1,200.00. Record not found",
        ] {
            assert_eq!(messages.meaning(both), Some(NotFound), "{both}");
        }
    }

    #[test]
    fn what_is_set_takes_the_place_of_the_defaults_and_nothing_means_none() {
        let messages = messages(&[
            ("key_messages", "badge is void"),
            ("wallet_messages", ""),
            ("throttle_messages", ",,"),
            ("rejected_messages", " , -- ,\tNO such\u{a0}digits,"),
        ]);
        for (sentence, meaning) in [
            ("Your badge is void.", Some(KeyRefused)),
            ("Invalid API key", None),
            ("Insufficient balance", None),
            ("Too many requests", None),
            ("There are no such  digits", Some(Rejected)),
            ("Invalid BVN", None),
            ("Record not found", Some(NotFound)),
        ] {
            assert_eq!(messages.meaning(sentence), meaning, "{sentence}");
        }
    }
}
