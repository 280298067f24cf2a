//! Words around a name that are not the name: titles, suffixes, articles, and what registers write for nothing.

use super::{
    fold, lost,
    pairs::{Place, Word},
};

/// Titles, with their usual abbreviations. Several are given names as well (Prince, Justice, Oba): where a field
/// holds nothing else, they are the name.
const TITLES: [&str; 104] = [
    "mr",
    "mister",
    "mrs",
    "miss",
    "ms",
    "mst",
    "master",
    "madam",
    "madame",
    "sir",
    "dame",
    "lady",
    "dr",
    "doctor",
    "prof",
    "professor",
    "chief",
    "chf",
    "otunba",
    "oba",
    "olori",
    "oloye",
    "aare",
    "bashorun",
    "iyalode",
    "iyaloja",
    "erelu",
    "yeye",
    "ogbuefi",
    "ichie",
    "lolo",
    "nze",
    "hrh",
    "hrm",
    "hre",
    "prince",
    "princess",
    "alhaji",
    "alh",
    "alhaja",
    "hajiya",
    "hajia",
    "haj",
    "malam",
    "mallam",
    "mal",
    "mall",
    "malama",
    "imam",
    "sheikh",
    "sheik",
    "shaykh",
    "ustaz",
    "ustadh",
    "engr",
    "eng",
    "engineer",
    "barr",
    "barrister",
    "esq",
    "arc",
    "architect",
    "surv",
    "pharm",
    "tpl",
    "qs",
    "nurse",
    "rn",
    "rev",
    "revd",
    "reverend",
    "fr",
    "father",
    "pst",
    "pastor",
    "evang",
    "evangelist",
    "apostle",
    "bishop",
    "archbishop",
    "prophet",
    "prophetess",
    "elder",
    "deacon",
    "deaconess",
    "dcn",
    "ven",
    "venerable",
    "canon",
    "comrade",
    "comr",
    "hon",
    "honourable",
    "honorable",
    "sen",
    "senator",
    "amb",
    "ambassador",
    "justice",
    "capt",
    "captain",
    "col",
    "colonel",
    "phd",
];

/// Ranks stand apart only to keep the list above readable.
const RANKS: [&str; 16] = [
    "gen",
    "general",
    "maj",
    "major",
    "lt",
    "lieutenant",
    "brig",
    "sgt",
    "sergeant",
    "cpl",
    "insp",
    "inspector",
    "asp",
    "dsp",
    "csp",
    "acp",
];

/// Suffixes that tell one of a family from another, each with the one spelling it stands for.
const SUFFIXES: [(&str, &str); 12] = [
    ("jr", "jr"),
    ("jnr", "jr"),
    ("junior", "jr"),
    ("sr", "sr"),
    ("snr", "sr"),
    ("senior", "sr"),
    ("ii", "ii"),
    ("2nd", "ii"),
    ("iii", "iii"),
    ("3rd", "iii"),
    ("iv", "iv"),
    ("4th", "iv"),
];

/// Articles and words for 'son of' or 'of', which some write and others do not.
const PARTICLES: [&str; 15] = [
    "al", "el", "bin", "ibn", "bint", "binti", "bn", "da", "de", "do", "dos", "du", "van", "von",
    "ould",
];

/// What registers write where they know nothing.
const NOTHING: [&[&str]; 21] = [
    &["nill"],
    &["nmn"],
    &["nan"],
    &["undefined"],
    &["empty"],
    &["0"],
    &["no", "name"],
    &["no", "middle", "name"],
    &["not", "provided"],
    &["not", "specified"],
    &["not", "stated"],
    &["nil"],
    &["none"],
    &["null"],
    &["na"],
    &["n", "a"],
    &["unknown"],
    &["not", "available"],
    &["not", "applicable"],
    &["not", "known"],
    &["xxx"],
];

/// The words of one name field. Titles and suffixes stand beside the name, unless they are all there is.
pub(super) fn name_words(name: &str, place: Place) -> impl Iterator<Item = Word> {
    let texts = acronyms_joined(fold::words(name));
    let all_there_is = texts
        .iter()
        .all(|text| is_title(text) || suffix(text).is_some());
    texts.into_iter().map(move |text| Word {
        beside: !all_there_is && (is_title(&text) || suffix(&text).is_some()),
        text,
        place,
    })
}

/// The words of a name field of the record; none where it says that it knows nothing.
pub(super) fn known_words(name: &str, place: Place) -> impl Iterator<Item = Word> {
    let nothing = is_nothing(name);
    name_words(name, place).filter(move |_| !nothing)
}

/// What registers write for nothing.
pub(crate) fn is_nothing(text: &str) -> bool {
    let mut words = fold::words(text);
    // No filler has a letter that could be lost: `Unknown?`.
    for word in &mut words {
        *word = word.trim_matches(lost::LOST).to_owned();
    }
    if words.is_empty() || NOTHING.iter().any(|nothing| words.iter().eq(*nothing)) {
        return true;
    }
    // `NIL NIL`, `XX`.
    words.dedup();
    let all_x = words.iter().all(|word| word.bytes().all(|b| b == b'x'));
    all_x || NOTHING.iter().any(|nothing| words.iter().eq(*nothing))
}

/// The suffix that a word is, in its one spelling.
pub(super) fn suffix(word: &str) -> Option<&'static str> {
    let found = SUFFIXES.iter().find(|(spelling, _)| *spelling == word);
    found.map(|(_, suffix)| *suffix)
}

/// Some write it, others do not.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word) || RANKS.contains(&word)
}

/// `H.R.H.` comes as three letters; other letters that stand alone are initials.
fn acronyms_joined(mut words: Vec<String>) -> Vec<String> {
    let letters: Vec<_> = words.iter().take(3).map(String::as_str).collect();
    if matches!(letters[..], ["h", "r", "h" | "m"]) {
        words.splice(..3, ["hrh".to_owned()]);
    }
    words
}
