//! libFuzzer on [`kyc_fuzz::judge`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::judge(bytes));
