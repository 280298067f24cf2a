//! libFuzzer on [`kyc_fuzz::assess`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::assess(bytes));
