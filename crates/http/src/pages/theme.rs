//! The shop's colour: one hex value, from which the rest is derived so that no shop can make its pages unreadable.
//!
//! Text on the colour is white or near black, whichever reaches a contrast of 4.5; text *in* the colour is made darker or
//! lighter in OKLCH until it reaches 4.5 on every ground it stands on. Status colours, focus ring and ink are never
//! touched. The address names the colour, and the style follows from it: nothing is kept.

use std::fmt::Write as _;

/// Version of the derivation: part of the address, so that browsers do not keep an older one.
const VERSION: &str = "theme1-";

/// WCAG 2.2, 1.4.3.
const CONTRAST: f64 = 4.5;

type Rgb = [f64; 3];

/// The address of the style for a colour like `#0b5a6b`; `None` if it is no colour.
pub fn path(colour: &str) -> Option<String> {
    let hex = colour.strip_prefix('#').unwrap_or(colour).to_ascii_lowercase();
    read(&hex)?;
    Some(format!("/cart/assets/{VERSION}{hex}.css"))
}

/// The style by the last part of its address.
pub fn of_file(file: &str) -> Option<String> {
    let accent = read(file.strip_prefix(VERSION)?.strip_suffix(".css")?)?;
    let mut text = String::new();
    let light = scheme(accent, LIGHT, 0.07, Dark::No);
    let dark = scheme(accent, DARK, 0.14, Dark::Yes);
    // Writing to a string cannot fail.
    let _ = write!(text, ":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}");
    Some(text)
}

/// The colours that a mail is made with, light and dark: a mail has no style sheet to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inks {
    pub accent: String,
    pub on_accent: String,
    pub text: String,
}

/// Those of a colour; `None` if it is no colour.
pub fn inks(colour: &str) -> Option<[Inks; 2]> {
    let accent = read(colour.strip_prefix('#').unwrap_or(colour))?;
    let of =
        |[accent, on, text, ..]: [Rgb; 5]| Inks { accent: hex(accent), on_accent: hex(on), text: hex(text) };
    Some([of(derived(accent, LIGHT, 0.07, Dark::No)), of(derived(accent, DARK, 0.14, Dark::Yes))])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dark {
    No,
    Yes,
}

/// The grounds that colours stand on: of the page, and of what lies beside it.
const LIGHT: [[u8; 3]; 2] = [[255, 255, 255], [245, 245, 242]];
const DARK: [[u8; 3]; 2] = [[19, 20, 22], [26, 27, 30]];

fn scheme(accent: Rgb, grounds: [[u8; 3]; 2], wash: f64, dark: Dark) -> String {
    let [accent, on, text, hover, wash] = derived(accent, grounds, wash, dark).map(hex);
    format!(
        "--accent:{accent};--on-accent:{on};--accent-text:{text};--accent-hover:{hover};--accent-wash:{wash}"
    )
}

/// The colour itself, text on it, text in it, under the pointer, as a wash.
fn derived(accent: Rgb, grounds: [[u8; 3]; 2], wash: f64, dark: Dark) -> [Rgb; 5] {
    let grounds = grounds.map(|ground| ground.map(|part| f64::from(part) / 255.0));
    let mut accent = accent;
    // On a dark page a dark button would sink in.
    while dark == Dark::Yes && contrast(accent, grounds[0]) < 3.0 {
        accent = lighter(accent, 0.02);
    }
    let white = [1.0; 3];
    let black = [0.05, 0.06, 0.07];
    let on = if contrast(accent, white) >= CONTRAST { white } else { black };
    let wash = mixed(accent, grounds[0], wash);
    let mut text = accent;
    for _ in 0..60 {
        if [grounds[0], grounds[1], wash].iter().all(|ground| contrast(text, *ground) >= CONTRAST) {
            break;
        }
        text = lighter(text, if dark == Dark::Yes { 0.02 } else { -0.02 });
    }
    let hover = lighter(accent, if dark == Dark::Yes { 0.05 } else { -0.05 });
    let hover = if contrast(hover, on) >= CONTRAST { hover } else { accent };
    [accent, on, text, hover, wash]
}

fn read(hex: &str) -> Option<Rgb> {
    let full = match hex.len() {
        3 => hex.chars().flat_map(|letter| [letter, letter]).collect(),
        6 => hex.to_owned(),
        _ => return None,
    };
    let part = |at: usize| Some(f64::from(u8::from_str_radix(full.get(at..at + 2)?, 16).ok()?) / 255.0);
    let plain = full.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain { Some([part(0)?, part(2)?, part(4)?]) } else { None }
}

fn hex(colour: Rgb) -> String {
    let part = |part: f64| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(colour[0]), part(colour[1]), part(colour[2]))
}

fn mixed(colour: Rgb, ground: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|at| colour[at] * share + ground[at] * (1.0 - share))
}

fn linear(part: f64) -> f64 {
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn gamma(part: f64) -> f64 {
    if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 }
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let luminance = |colour: Rgb| {
        let [r, g, b] = colour.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Another lightness in OKLab, hue and chroma kept as far as the screen can.
fn lighter(colour: Rgb, by: f64) -> Rgb {
    let [r, g, b] = colour.map(linear);
    let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_99 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_55 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_84 * g + 0.629_978_7 * b).cbrt();
    let light = (0.210_454_26 * l + 0.793_617_79 * m - 0.004_072_05 * s + by).clamp(0.0, 1.0);
    let a = 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s;
    let bb = 0.025_904_04 * l + 0.782_771_77 * m - 0.808_675_77 * s;
    let l = (light + 0.396_337_78 * a + 0.215_803_76 * bb).powi(3);
    let m = (light - 0.105_561_35 * a - 0.063_854_17 * bb).powi(3);
    let s = (light - 0.089_484_18 * a - 1.291_485_5 * bb).powi(3);
    let rgb = [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_93 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
        -0.004_196_09 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ];
    rgb.map(|part| gamma(part.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_stays_readable() {
        for colour in
            ["#0b5a6b", "#ffd400", "#ffffff", "#000000", "#ff0000", "#00ff00", "#0000ff", "#888888", "#fc0"]
        {
            let path = path(colour).expect("a colour");
            let style = of_file(path.rsplit('/').next().expect("a file")).expect("a style");
            let schemes: Vec<&str> = style.split("@media").collect();
            for (scheme, ground) in schemes.iter().zip(["#ffffff", "#131416"]) {
                let value = |name: &str| {
                    let from = scheme.find(&format!("--{name}:#")).expect("a value") + name.len() + 4;
                    read(&scheme[from..from + 6]).expect("a colour")
                };
                let ground = read(&ground[1..]).expect("a colour");
                assert!(contrast(value("accent"), value("on-accent")) >= 4.4, "{colour}: {scheme}");
                assert!(contrast(value("accent-text"), ground) >= 4.4, "{colour}: {scheme}");
                assert!(contrast(value("accent-hover"), value("on-accent")) >= 4.4, "{colour}: {scheme}");
            }
        }
    }

    #[test]
    fn mails_have_the_colours_of_the_pages() {
        let style = of_file("theme1-ffd400.css").expect("a style");
        for inks in inks("#FFD400").expect("a colour") {
            let part = format!("--accent:{};--on-accent:{};", inks.accent, inks.on_accent);
            assert!(style.contains(&part) && style.contains(&inks.text), "{part} {style}");
        }
        assert_eq!(inks("red"), None);
    }

    #[test]
    fn nothing_but_a_colour_becomes_a_style() {
        for bad in ["", "#12", "red", "#12345g", "#12345678", "0;}", "#é1234"] {
            assert_eq!(path(bad), None, "{bad}");
        }
        assert_eq!(of_file("theme1-../x.css"), None);
        assert_eq!(of_file("checkout.css"), None);
    }
}
