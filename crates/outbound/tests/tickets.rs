//! Ticket files as real readers see them: poppler reads the text and renders the pages, zbar scans the codes.

use outbound::tickets::limits::{MAX_NUMBER_CHARS, MAX_TICKETS};
use outbound::tickets::{TicketError, TicketFile, TicketPage, render};
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

const NUMBERS: [&str; 4] = [
    "7hQ2vKd9TxRm4bWc8ZpLs3Yn",
    "Gf5xNu8JqE3wVt6aBy2DkHr9",
    "zzzzzzzzzzzzzzzzzzzzzzzz",
    "1A2b3C4d5E6f7G8h9JkLmNoP",
];

fn ticket(holder: &str, number: &str) -> TicketPage {
    TicketPage {
        event: "Harbour Lights Festival".into(),
        starts: "Sat 12 Jun 2027, 14:00 PDT".into(),
        venue: "Pier 9, Seattle".into(),
        ticket_type: "Two-day pass".into(),
        holder: holder.into(),
        number: number.into(),
        barcode: "4071958236610974".into(),
    }
}

fn file(tickets: Vec<TicketPage>) -> TicketFile {
    TicketFile {
        merchant: "Harbour Lights".into(),
        order: "R482913605".into(),
        tickets,
        ..TicketFile::default()
    }
}

/// 255 characters in words, as a form might take them.
fn long_name() -> String {
    let name: String =
        "Maximiliane Freifrau von und zu Hohenfels-Wallenstein ".chars().cycle().take(255).collect();
    assert_eq!(name.chars().count(), 255);
    name
}

fn run(program: &str, args: &[&str], at: &Path) -> String {
    let ran = Command::new(program).args(args).current_dir(at).output();
    let ran = ran.unwrap_or_else(|error| panic!("{program}, which scripts/test installs: {error}"));
    assert!(ran.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8")
}

/// The text of each page, white space collapsed.
fn pages(pdf: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("t.pdf"), pdf).expect("written");
    let text = run("pdftotext", &["-enc", "UTF-8", "t.pdf", "-"], dir.path());
    let pages = text.strip_suffix('\u{c}').expect("each page ends in a form feed").split('\u{c}');
    pages.map(|page| page.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_pages_say_what_a_visitor_needs() {
    let names = ["Jürgen Größe-Łukasiewicz", "Анастасія Щербакова", &long_name(), "Νίκος O’Neill"];
    let tickets = names.iter().zip(NUMBERS).map(|(name, number)| ticket(name, number)).collect();
    let pages = pages(&render(&file(tickets)).expect("rendered"));
    assert_eq!(pages.len(), 4);
    for (at, (page, name)) in pages.iter().zip(names).enumerate() {
        let kind = format!("Ticket {} of 4 · Two-day pass", at + 1);
        let wanted =
            ["Harbour Lights Festival", "Sat 12 Jun 2027, 14:00 PDT", "Pier 9, Seattle", "Harbour Lights"];
        for text in wanted.into_iter().chain([name, &kind, "Order R482913605"]) {
            assert!(page.contains(text.trim()), "page {at} lacks {text:?}: {page}");
        }
        let solid: String = page.split(' ').collect();
        assert!(solid.contains(NUMBERS[at]) && solid.contains("4071958236610974"), "page {at}: {page}");
    }
}

#[test]
fn each_code_is_scanned_as_its_ticket_number() {
    let mut file = file(NUMBERS.iter().map(|number| ticket("Maya Lindqvist", number)).collect());
    file.accent = [0xff, 0xd6, 0x00];
    file.tickets[1].event = long_name();
    file.tickets[1].venue = long_name();
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("t.pdf"), render(&file).expect("rendered")).expect("written");
    run("pdftoppm", &["-r", "150", "-png", "t.pdf", "page"], dir.path());
    for (at, number) in NUMBERS.iter().enumerate() {
        let picture = format!("page-{}.png", at + 1);
        let read = run("zbarimg", &["--quiet", "--raw", &picture], dir.path());
        assert_eq!(read.trim_end(), *number, "{picture}");
    }
}

#[test]
fn the_file_is_tagged_and_speaks_its_language() {
    let mut file = file(vec![ticket("Jürgen", NUMBERS[0])]);
    file.language = "de-AT".into();
    let pdf = render(&file).expect("rendered");
    assert_eq!(pdf, render(&file).expect("rendered"), "the same file gives the same bytes");
    let raw = String::from_utf8_lossy(&pdf);
    for part in [
        "<pdfuaid:part>1<",
        "/Lang(de)",
        "/DisplayDocTitle true",
        "/Alt(QR-Code mit der Ticketnummer 7hQ2vKd9TxRm4bWc8ZpLs3Yn)",
        "/ActualText(Wann: )",
    ] {
        assert!(raw.contains(part), "{part} is missing");
    }
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("t.pdf"), &pdf).expect("written");
    let info = run("pdfinfo", &["t.pdf"], dir.path()).split_whitespace().collect::<Vec<_>>().join(" ");
    for line in ["Title: Ticket: Harbour Lights Festival", "Tagged: yes", "Pages: 1"] {
        assert!(info.contains(line), "{line:?} is missing in {info}");
    }
    let tree = run("pdfinfo", &["-struct-text", "t.pdf"], dir.path());
    let order = [
        "Document",
        "H1 \"Harbour Lights Festival\"",
        "Two-day pass",
        "\"Jürgen\"",
        "\"Wann\"",
        "\"Wo\"",
        "Figure",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|part| tree.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "reading order {places:?}: {tree}");
}

#[test]
fn scripts_without_glyphs_keep_their_text() {
    let pdf = render(&file(vec![ticket("王小明, Jürgen", NUMBERS[0])])).expect("rendered");
    let pages = pages(&pdf);
    assert!(pages.iter().any(|page| page.contains("王小明, Jürgen")), "{pages:?}");
    // For reading aloud, the name as a whole, in UTF-16.
    let heard: String = "王小明, Jürgen".encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    assert!(String::from_utf8_lossy(&pdf).contains(&format!("/ActualText<FEFF{heard}>")));
}

#[test]
fn files_that_cannot_be_are_refused() {
    let check = |tickets, want| assert_eq!(render(&file(tickets)), Err(want));
    check(vec![], TicketError::NoTickets);
    check(vec![ticket("Maya", NUMBERS[0]); MAX_TICKETS + 1], TicketError::TooManyTickets);
    check(vec![ticket("Maya", NUMBERS[0]), ticket("Maya", "")], TicketError::Number);
    check(vec![ticket("Maya", &"x".repeat(MAX_NUMBER_CHARS + 1))], TicketError::Number);
    let sentence = TicketError::TooManyTickets.to_string();
    assert!(sentence.contains("1000"), "{sentence}");
}

/// Any characters, names of any script, and the ones that make trouble: controls, marks, joiners, directions.
fn any_text() -> impl Strategy<Value = String> {
    let troubled = prop::collection::vec(
        prop_oneof![
            any::<char>(),
            prop::sample::select(vec![
                '\u{0}', '\u{feff}', '\u{fffe}', '\u{200d}', '\u{301}', '\u{202e}', '□', '…', 'W'
            ]),
            prop::char::range('\u{a0}', '\u{52f}'),
        ],
        0..300,
    );
    prop_oneof![
        troubled.prop_map(String::from_iter),
        "\\PC{0,255}",
        Just("W".repeat(255)),
        Just("\u{200d} ".into())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_texts_make_a_file_with_a_page_each(
        texts in prop::collection::vec(any_text(), 8),
        language in any_text(),
        accent in any::<[u8; 3]>(),
        count in 1_usize..4,
    ) {
        let ticket = TicketPage {
            event: texts[0].clone(),
            starts: texts[1].clone(),
            venue: texts[2].clone(),
            ticket_type: texts[3].clone(),
            holder: texts[4].clone(),
            number: NUMBERS[0].into(),
            barcode: texts[5].clone(),
        };
        let file = TicketFile {
            language,
            merchant: texts[6].clone(),
            accent,
            order: texts[7].clone(),
            tickets: vec![ticket; count],
        };
        let pdf = render(&file).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let pages = pdf.windows(11).filter(|bytes| bytes == b"/Type/Page/").count();
        prop_assert_eq!(pages, count);
    }

    #[test]
    fn any_number_makes_a_file_or_an_error(number in any_text()) {
        let made = render(&file(vec![ticket("Maya", &number)]));
        let fine = (1..=MAX_NUMBER_CHARS).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_graphic());
        prop_assert_eq!(made.is_ok(), fine, "{:?}", made.err());
    }
}
