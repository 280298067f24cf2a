//! Words next to a name that are not part of it: titles, suffixes, articles, and fillers.

use super::{
    fold, lost,
    pairs::{Place, Word},
};

/// Titles, with their usual abbreviations. Some are given names as well (Prince, Justice, Oba): if a field contains nothing
/// else, they are the name.
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

/// Military and police ranks, which are titles.
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

/// Suffixes that distinguish members of a family, each with its normalised spelling.
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

/// Articles, and words for 'son of' or 'of', which are often left out.
const PARTICLES: [&str; 15] = [
    "al", "el", "bin", "ibn", "bint", "binti", "bn", "da", "de", "do", "dos", "du", "van", "von",
    "ould",
];

/// Fillers that registers write into empty fields.
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

/// Returns the words of a name field. Titles and suffixes are marked as `beside` the name, unless the field contains nothing
/// else.
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

/// Returns the words of a name field of the record, or none if the field contains a filler.
pub(super) fn known_words(name: &str, place: Place) -> impl Iterator<Item = Word> {
    let nothing = is_nothing(name);
    name_words(name, place).filter(move |_| !nothing)
}

/// Whether the text is empty or a filler.
pub(crate) fn is_nothing(text: &str) -> bool {
    let mut words = fold::words(text);
    // A sign for a lost letter does not belong to a filler: `Unknown?`.
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

/// Returns the normalised spelling of a suffix.
pub(super) fn suffix(word: &str) -> Option<&'static str> {
    let found = SUFFIXES.iter().find(|(spelling, _)| *spelling == word);
    found.map(|(_, suffix)| *suffix)
}

/// Whether the word is often left out.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word) || RANKS.contains(&word)
}

/// Joins the letters of `H.R.H.` and `H.R.M.`. Other single letters are initials.
fn acronyms_joined(mut words: Vec<String>) -> Vec<String> {
    let letters: Vec<_> = words.iter().take(3).map(String::as_str).collect();
    if matches!(letters[..], ["h", "r", "h" | "m"]) {
        words.splice(..3, ["hrh".to_owned()]);
    }
    words
}
