//! The meaning of the groups and fields that several records share.

/// Returns the documentation of a group or a field: the given text, or the common one of that name.
macro_rules! meaning {
    ($name:ident $own:literal) => {
        $own
    };

    // Groups.
    (biodata) => {
        "Images of the person."
    };
    (birth_details) => {
        "When and where the person was born."
    };
    (contact) => {
        "How to reach the person."
    };
    (employment) => {
        "The person's work."
    };
    (identity) => {
        "The person's numbers."
    };
    (meta_data) => {
        "About the document."
    };
    (next_of_kin) => {
        "The person's next of kin."
    };
    (origin) => {
        "Where the person comes from."
    };
    (profile) => {
        "Who the person is."
    };
    (residence) => {
        "Where the person lives."
    };

    // Fields.
    (address) => {
        "Street address."
    };
    (bvn) => {
        "Bank Verification Number."
    };
    (country) => {
        "Country."
    };
    (educational_level) => {
        "Level of education."
    };
    (email) => {
        "E-mail address."
    };
    (expiry_date) => {
        "Date of expiry; blank in the sample."
    };
    (first_name) => {
        "Given name."
    };
    (gender) => {
        "Gender; blank in the sample."
    };
    (image) => {
        "Photograph, in base64."
    };
    (issued_date) => {
        "Date of issue; blank in the sample."
    };
    (last_name) => {
        "Family name."
    };
    (lga) => {
        "Local government area."
    };
    (maiden_name) => {
        "Maiden name."
    };
    (main_phone_number) => {
        "Phone number, such as `08081234567`."
    };
    (marital_status) => {
        "Marital status."
    };
    (middle_name) => {
        "Middle name."
    };
    (nationality) => {
        "Country of nationality."
    };
    (nin) => {
        "National Identification Number."
    };
    (profession) => {
        "Profession."
    };
    (religion) => {
        "Religion."
    };
    (signature) => {
        "Image of the signature, in base64."
    };
    (spoken_language) => {
        "Language spoken."
    };
    (state) => {
        "State."
    };
    (surname) => {
        "Family name."
    };
    (title) => {
        "Title, such as `Prof.`"
    };
    (town) => {
        "Town."
    };
}

pub(crate) use meaning;
