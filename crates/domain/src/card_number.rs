//! Recognises card numbers in text.
//!
//! A card number is 13 to 19 digits that pass Luhn and begin like an issuer's numbers *of that length*; digits may
//! be grouped by spaces or dashes, or as cards are printed (fours; 4-6-5; 4-6-4) by dots, slashes or underscores, which
//! dates, addresses of machines, decimals and prices are not. Length, Luhn and prefix together keep barcodes, order
//! numbers and phone numbers out, which any one of them alone would not.
//!
//! Nothing here returns, stores or prints the number that was found.

use std::ops::Range;

/// Fewest digits of a card number.
const SHORTEST: usize = 13;
/// Most digits of a card number (ISO/IEC 7812).
const LONGEST: usize = 19;

/// One range of leading digits, as numbers of `digits` digits, with the lengths that go with it.
struct Issuer {
    brand: &'static str,
    digits: usize,
    first: u32,
    last: u32,
    shortest: usize,
    longest: usize,
}

const fn issuer(
    brand: &'static str,
    digits: usize,
    first: u32,
    last: u32,
    shortest: usize,
    longest: usize,
) -> Issuer {
    Issuer { brand, digits, first, last, shortest, longest }
}

/// Public issuer ranges. Visa's three lengths stand apart because 14, 15, 17 and 18 do not exist.
const ISSUERS: &[Issuer] = &[
    // Visa
    issuer("visa", 1, 4, 4, 13, 13),
    issuer("visa", 1, 4, 4, 16, 16),
    issuer("visa", 1, 4, 4, 19, 19),
    // Mastercard
    issuer("master", 2, 51, 55, 16, 16),
    issuer("master", 4, 2221, 2720, 16, 16),
    // American Express
    issuer("american_express", 2, 34, 34, 15, 15),
    issuer("american_express", 2, 37, 37, 15, 15),
    // Discover
    issuer("discover", 4, 6011, 6011, 16, 19),
    issuer("discover", 2, 65, 65, 16, 19),
    issuer("discover", 3, 644, 649, 16, 19),
    issuer("discover", 6, 622_126, 622_925, 16, 19),
    // Diners Club
    issuer("diners_club", 3, 300, 305, 14, 19),
    issuer("diners_club", 2, 36, 36, 14, 19),
    issuer("diners_club", 2, 38, 39, 14, 19),
    // JCB
    issuer("jcb", 4, 3528, 3589, 16, 19),
    // UnionPay
    issuer("union_pay", 2, 62, 62, 16, 19),
    // Maestro: also 12 digits on paper, but so is half the world's numbering
    issuer("maestro", 2, 50, 50, 13, 19),
    issuer("maestro", 2, 56, 69, 13, 19),
    // Mir
    issuer("mir", 4, 2200, 2204, 16, 19),
];

/// The brand whose numbers begin and are as long as this one (`visa`, `master`, `american_express` …); empty if
/// no issuer has such numbers.
pub fn brand(number: &str) -> &'static str {
    let digits: Vec<u8> = number.chars().filter_map(digit).take(LONGEST + 1).collect();
    issuer_of(&digits).map_or("", |issuer| issuer.brand)
}

/// Whether the whole text is a card number, however its digits are grouped.
pub fn looks_like_card_number(text: &str) -> bool {
    let mut digits = Vec::with_capacity(LONGEST);
    let (mut groups, mut gap, mut marks) = (vec![0], 0, Vec::new());
    for c in text.trim().chars() {
        if let Some(digit) = digit(c) {
            if digits.len() == LONGEST {
                return false;
            }
            if gap > 0 {
                groups.push(0);
            }
            digits.push(digit);
            *groups.last_mut().unwrap_or(&mut 0) += 1;
            gap = 0;
        } else if (is_separator(c) || is_mark(c)) && !digits.is_empty() && gap < GAP {
            if is_mark(c) {
                marks.push(groups.len());
            }
            gap += 1;
        } else {
            return false;
        }
    }
    // Between two groups there is one mark at most.
    let marked = !marks.is_empty();
    let once = marks.windows(2).all(|pair| pair[0] != pair[1]);
    gap == 0 && is_card(&digits) && (!marked || (once && is_printed(&groups)))
}

/// Whether a number that we are about to draw can never be taken for a card number, alone or in a sentence.
pub fn never_a_card(number: &str) -> bool {
    !looks_like_card_number(number) && !contains_card_number(number)
}

/// The text with the middle of every card-like number starred out: first six and last four digits stay, and so do
/// the separators. Issuer prefixes are not asked for, because here a wrong star costs nothing.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut hidden = vec![false; chars.len()];
    for run in runs(&chars) {
        for window in run.windows(luhn) {
            for at in &run.places[window.start + 6..window.end - 4] {
                hidden[*at] = true;
            }
        }
    }
    chars.iter().zip(hidden).map(|(c, hidden)| if hidden { '*' } else { *c }).collect()
}

/// Whether a card number stands anywhere in the text.
pub fn contains_card_number(text: &str) -> bool {
    // Most texts end here, before anything is allocated.
    if text.chars().filter_map(digit).take(SHORTEST).count() < SHORTEST {
        return false;
    }
    let chars: Vec<char> = text.chars().collect();
    runs(&chars).iter().any(|run| run.windows(is_card).next().is_some())
}

fn is_card(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && issuer_of(digits).is_some() && luhn(digits)
}

fn issuer_of(digits: &[u8]) -> Option<&'static Issuer> {
    ISSUERS.iter().find(|issuer| {
        let prefix = digits.iter().take(issuer.digits).fold(0, |sum, digit| sum * 10 + u32::from(*digit));
        (issuer.shortest..=issuer.longest).contains(&digits.len())
            && (issuer.first..=issuer.last).contains(&prefix)
    })
}

/// ISO/IEC 7812-1 annex B: doubling every second digit from the right.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Separators between two groups: `4111 - 1111` has three, a table cell more.
const GAP: usize = 3;

/// Digits of the scripts that keyboards of our markets produce; a wide four is a four.
fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        '\u{0660}'..='\u{0669}' => '\u{0660}',
        '\u{06F0}'..='\u{06F9}' => '\u{06F0}',
        '\u{FF10}'..='\u{FF19}' => '\u{FF10}',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '-' | '\u{A0}' | '\u{2000}'
            ..='\u{2015}' | '\u{202F}' | '\u{2212}' | '\u{3000}'
    )
}

/// Marks that stand between digits for many reasons: what they join is a card only if it is grouped like one.
fn is_mark(c: char) -> bool {
    matches!(c, '.' | '/' | '_')
}

/// Whether groups of these sizes are those of a printed card.
fn is_printed(sizes: &[usize]) -> bool {
    let fours = |sizes: &[usize]| sizes.iter().all(|size| *size == 4);
    match sizes {
        [4, 6, 4 | 5] => true,
        [most @ .., last] => most.len() >= 3 && fours(most) && (1..=4).contains(last),
        [] => false,
    }
}

/// What stands before a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// Separators, or nothing.
    Plain,
    /// A mark.
    Mark,
    /// A point right between two digits: the group may be the digits of a fraction.
    Point,
}

/// Groups of digits with nothing but separators and single marks between them.
#[derive(Debug, Default)]
struct Run {
    digits: Vec<u8>,
    /// Where among the characters each digit stands.
    places: Vec<usize>,
    /// Index of the first digit of each group.
    groups: Vec<usize>,
    /// What stands before each group.
    joints: Vec<Joint>,
}

impl Run {
    fn push(&mut self, chars: &[char], group: Range<usize>, joint: Joint) {
        self.groups.push(self.digits.len());
        self.joints.push(joint);
        self.digits.extend(chars[group.clone()].iter().copied().filter_map(digit));
        self.places.extend(group);
    }

    /// End of a group, as an index of digits.
    fn end(&self, group: usize) -> usize {
        self.groups.get(group + 1).copied().unwrap_or(self.digits.len())
    }

    /// Neighbouring groups that together are as long as a card, pass the test and are grouped as people group
    /// cards, so that a list of small numbers is not read as one. Ranges of digits.
    fn windows(&self, test: fn(&[u8]) -> bool) -> impl Iterator<Item = Range<usize>> {
        (0..self.groups.len()).flat_map(move |first| {
            let start = self.groups[first];
            (first..self.groups.len())
                .map(move |last| (last, start..self.end(last)))
                .take_while(|(_, window)| window.len() <= LONGEST)
                .filter(move |(last, window)| {
                    window.len() >= SHORTEST
                        && test(&self.digits[window.clone()])
                        && self.is_grouped(first, *last)
                })
                .map(|(_, window)| window)
        })
    }

    /// One group; or groups of three and more digits, the last of any length; or all single digits; or all pairs. With
    /// marks between them, and after a point: as printed.
    fn is_grouped(&self, first: usize, last: usize) -> bool {
        let size = |group: usize| self.end(group) - self.groups[group];
        let marked = (first + 1..=last).any(|group| self.joints[group] != Joint::Plain);
        if marked || self.joints[first] == Joint::Point {
            let sizes: Vec<usize> = (first..=last).map(size).collect();
            return is_printed(&sizes);
        }
        let all = |most: usize| (first..last).all(|group| size(group) == most) && size(last) <= most;
        (first..last).all(|group| size(group) >= 3) || all(1) || all(2)
    }
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if let Some(skip) = identifier(chars, at) {
            at += skip;
            continue;
        }
        let start = at;
        at += chars[start..].iter().take_while(|c| digit(**c).is_some()).count();
        if at == start {
            at += 1;
            continue;
        }
        let last = runs.last().and_then(|run| run.places.last());
        let joint = last.and_then(|last| joint(&chars[last + 1..start]));
        if joint.is_none() {
            runs.push(Run::default());
        }
        if let Some(run) = runs.last_mut() {
            run.push(chars, start..at, joint.unwrap_or(Joint::Plain));
        }
    }
    runs
}

/// What joins two groups, if anything does.
fn joint(between: &[char]) -> Option<Joint> {
    let fits = between.len() <= GAP && between.iter().all(|c| is_separator(*c) || is_mark(*c));
    match between.iter().filter(|c| is_mark(**c)).count() {
        _ if !fits => None,
        0 => Some(Joint::Plain),
        1 if between == ['.'] => Some(Joint::Point),
        1 => Some(Joint::Mark),
        _ => None,
    }
}

/// Length of the random identifier that begins at this word's start, if one does: a UUID, or a hexadecimal word
/// of a hash's length with letters in it. One in some thousand of those would pass for a card by chance.
fn identifier(chars: &[char], at: usize) -> Option<usize> {
    let starts_word = at == 0 || !chars[at - 1].is_ascii_alphanumeric();
    if !starts_word || !chars[at].is_ascii_hexdigit() {
        return None;
    }
    uuid(&chars[at..]).or_else(|| {
        let word = chars[at..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let word = &chars[at..at + word];
        let hash = word.len() >= 24
            && word.iter().all(char::is_ascii_hexdigit)
            && word.iter().any(char::is_ascii_alphabetic);
        hash.then_some(word.len())
    })
}

fn uuid(chars: &[char]) -> Option<usize> {
    const LENGTH: usize = 36;
    let shape = chars.get(..LENGTH)?;
    let dashed = shape.iter().enumerate().all(|(place, c)| match place {
        8 | 13 | 18 | 23 => *c == '-',
        _ => c.is_ascii_hexdigit(),
    });
    let ends = chars.get(LENGTH).is_none_or(|c| !c.is_ascii_alphanumeric() && *c != '-');
    // Without a letter it might as well be digits with dashes.
    (dashed && ends && shape.iter().any(char::is_ascii_alphabetic)).then_some(LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers that payment platforms publish for testing, with spaced and dashed forms.
    const CARDS: &[&str] = &[
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4012888888881881",
        "4222222222222",
        "4000000000000002",
        "5555555555554444",
        "5105105105105100",
        "2223000010309703",
        "378282246310005",
        "3782 822463 10005",
        "371449635398431",
        "340000000000009",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "38520000023237",
        "3530111333300000",
        "6200000000000005",
        "6759649826438453",
        "2200000000000004",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111 / 1111 / 1111 / 1111",
        "4111.1111-1111 1111",
        "4222.2222.2222.2",
        "3782.822463.10005",
        "3056_930902_5904",
        "４１１１１１１１１１１１１１１１",
    ];

    #[test]
    fn cards_are_recognised_alone_and_in_sentences() {
        for card in CARDS {
            assert!(looks_like_card_number(card), "{card}");
            assert!(contains_card_number(card), "{card}");
            assert!(contains_card_number(&format!("my card is {card}, thanks (12/27)")), "{card}");
            assert!(contains_card_number(&format!("PAN:{card};")), "{card}");
            assert!(contains_card_number(&format!("visa{card}")), "{card}");
            assert!(contains_card_number(&format!("{card} 1227 737")), "{card}");
            assert!(contains_card_number(&format!("order 12 {card}")), "{card}");
            assert!(!never_a_card(card), "{card}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "",
            "4111111111111112",
            "411111111111111",
            "41111111111111111111",
            "9111111111111110",
            "1111111111111117",
            "49927398716",
            "R123456789",
            "+49 30 901820 14",
            "2026-01-05T10:11:12.345Z",
            "2026-01-05 10:11:12.345678",
            "37.774929512345678 -122.4194155000000",
            "1700000000000",
            "sizes 4 11 11 11 11 11 11 11 1",
            "41111111-1111-1111-8111-11111111111a",
            "a94a8fee4111111111111111d0bd",
            "tick 4111 1111 | 1111 1111",
            "4111.111111111111",
            "4111111111111.111",
            "0.4111111111111111",
            "4.111.111.111.111.111",
            "4.111.111.111.111,111",
            "41/11/1111 11/11/1111",
            "4111//1111//1111//1111",
            "4111..1111..1111..1111",
            "4111./1111./1111./1111",
            "411.111.111.111 411.111.111.111",
            "20260105_101112_345678",
        ] {
            assert!(!contains_card_number(text), "{text}");
            assert!(!looks_like_card_number(text), "{text}");
            assert!(never_a_card(text), "{text}");
        }
    }

    #[test]
    fn the_prefix_must_go_with_the_length() {
        let completed = |prefix: &str, length: usize| {
            let body = format!("{prefix}{}", "0".repeat(length - 1 - prefix.len()));
            (0..10)
                .map(|check| format!("{body}{check}"))
                .find(|text| luhn(&text.bytes().map(|b| b - b'0').collect::<Vec<_>>()))
        };
        for (prefix, length, card) in [
            ("4", 13, true),
            ("4", 14, false),
            ("4", 16, true),
            ("4", 18, false),
            ("4", 19, true),
            ("51", 16, true),
            ("51", 15, false),
            ("2220", 16, false),
            ("2221", 16, true),
            ("2720", 16, true),
            ("2721", 16, false),
            ("37", 15, true),
            ("37", 16, false),
            ("306", 16, false),
            ("36", 14, true),
            ("3527", 16, false),
            ("3528", 16, true),
            ("3590", 16, false),
            ("50", 13, true),
            ("57", 13, true),
            ("62", 16, true),
            ("2204", 19, true),
            ("2205", 16, false),
            ("9", 16, false),
        ] {
            let number = completed(prefix, length).unwrap();
            assert_eq!(looks_like_card_number(&number), card, "{prefix} with {length} digits");
        }
    }

    #[test]
    fn masking_keeps_six_and_four() {
        for (text, masked) in [
            ("pan=4111111111111111&x=1", "pan=411111******1111&x=1"),
            ("{\"pan\":\"4111 1111 1111 1111\"}", "{\"pan\":\"4111 11** **** 1111\"}"),
            ("378282246310005", "378282*****0005"),
            ("9111111111111112 fails Luhn", "9111111111111112 fails Luhn"),
            ("9111111111111110 needs no issuer", "911111******1110 needs no issuer"),
            ("already 411111******1111", "already 411111******1111"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    proptest! {
        #[test]
        fn masked_text_holds_no_card(card in prop::sample::select(CARDS), before in ".{0,12}", after in ".{0,12}") {
            let text = format!("{before} {card} {after}");
            prop_assert!(!contains_card_number(&mask(&text)));
            prop_assert_eq!(mask(&text).chars().count(), text.chars().count());
        }

        #[test]
        fn grouping_hides_nothing(
            card in prop::sample::select(CARDS),
            size in 3_usize..9,
            separator in prop::sample::select(vec![" ", "-", " - ", "\u{a0}", "\u{2013}", "\n"]),
            mark in prop::sample::select(vec![".", "/", "_", " . ", " / ", "_ "]),
            around in "[a-z,:(]{0,3}",
        ) {
            let digits: Vec<char> = card.chars().filter(|c| digit(*c).is_some()).collect();
            let groups: Vec<String> = digits.chunks(size).map(|group| group.iter().collect()).collect();
            let text = groups.join(separator);
            prop_assert!(looks_like_card_number(&text));
            let sentence = format!("{around}{text}{around}");
            prop_assert!(contains_card_number(&sentence));
            let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
            let printed = groups.join(mark);
            prop_assert!(looks_like_card_number(&printed), "{}", printed);
            let sentence = format!("{around}{printed}{around}");
            prop_assert!(contains_card_number(&sentence), "{}", sentence);
        }

        /// Whatever the digits: these are no cards.
        #[test]
        fn dates_addresses_decimals_and_prices_are_no_cards(
            [year, month, day] in [1900_u32..2200, 1..13, 1..32],
            [hour, minute, second] in [0_u32..24, 0..60, 0..60],
            nano in 0_u32..1_000_000_000,
            bytes in prop::array::uniform8(0_u8..=255),
            whole in 0_u64..10_000_000_000_000,
            fraction in 0_u64..10_000_000_000_000_000,
            between in prop::sample::select(vec![" ", "/", " - ", "_", "."]),
        ) {
            let [a, b, c, d, e, f, g, h] = bytes;
            let thousands = |mut rest: u64, mark: &str| {
                let mut groups = Vec::new();
                while rest >= 1_000 {
                    groups.insert(0, format!("{:03}", rest % 1_000));
                    rest /= 1_000;
                }
                groups.insert(0, rest.to_string());
                groups.join(mark)
            };
            for text in [
                format!("{year:04}/{month:02}/{day:02}{between}{year:04}/{month:02}/{day:02}"),
                format!("{day:02}.{month:02}.{year:04}{between}{day:02}.{month:02}.{year:04}"),
                format!("{month}/{day}/{year} {hour:02}:{minute:02}:{second:02}.{nano:09}"),
                format!("{year:04}{month:02}{day:02}_{hour:02}{minute:02}{second:02}_{nano:09}"),
                format!("{a}.{b}.{c}.{d}{between}{e}.{f}.{g}.{h}"),
                format!("{a}.{b}.{c}.{d}/{e}, {f}.{g}.{h}"),
                format!("{}.{fraction:016}", whole % 1_000_000),
                format!("-{}.{fraction:08}{between}{}.{fraction:08}", whole % 180, whole % 90),
                format!("{},{:02}", thousands(whole, "."), day),
                format!("{}.{:02} USD", thousands(whole, ","), day),
            ] {
                prop_assert!(!contains_card_number(&text), "{}", text);
                prop_assert!(!looks_like_card_number(&text), "{}", text);
            }
        }
    }

    #[test]
    fn brands_are_told_by_prefix_and_length() {
        for (number, expected) in [
            ("4111111111111111", "visa"),
            ("4222222222222", "visa"),
            ("5500000000000004", "master"),
            ("2223000010309703", "master"),
            ("378282246310005", "american_express"),
            ("6011000990139424", "discover"),
            ("30569309025904", "diners_club"),
            ("3530111333300000", "jcb"),
            ("41111111111111", ""),
            ("1", ""),
            ("", ""),
        ] {
            assert_eq!(brand(number), expected, "{number}");
        }
    }
}
