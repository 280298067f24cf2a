//! libFuzzer on [`kyc_fuzz::inbox`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::inbox(bytes));
