//! libFuzzer on [`kyc_fuzz::envelope`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::envelope(bytes));
