//! libFuzzer on [`kyc_fuzz::image`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_fuzz::image(bytes));
