//! libFuzzer on [`kyc_fuzz::answer`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::answer(bytes));
