//! Exported texts never run as formulas.

use super::super::csv_safe;

#[test]
fn what_could_be_a_formula_gets_an_apostrophe() {
    for text in [
        "=1+1",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "\u{a0}=1",
        "\u{feff}=1",
        "\0=1",
        "＝1",
        "－1",
        "＋1",
        "＠x",
        "=HYPERLINK(\"http://x.test\",\"y\")",
    ] {
        let safe = csv_safe(text);
        assert_eq!(safe, format!("'{text}"));
        assert_eq!(csv_safe(&safe), safe, "an escaped text stays as it is");
    }
}

#[test]
fn other_texts_stay_as_they_are() {
    for text in ["", "Mug", "a=b", "5-6", "<b>x</b>", "'tis", " Mug", "é", "Jean-Luc", "\"=1\"", "a@b.test"]
    {
        assert!(matches!(csv_safe(text), std::borrow::Cow::Borrowed(same) if same == text));
    }
}
