//! What a verification is: values in, values out.
