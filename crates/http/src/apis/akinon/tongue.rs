//! What is said to callers, in the two languages of this API. Sentences of fields are those of Django REST Framework.
//!
//! Three sentences are part of the protocol and stay as they are in every language (`Say::VerificationFailed` and the two
//! after it). No sentence repeats what a caller sent but a short choice or key.

use std::fmt::Write as _;

/// The language somebody wants to be answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    #[default]
    English,
    Turkish,
}

impl Tongue {
    /// The first language of `Accept-Language` that is one of ours, by weight.
    pub fn accepted(header: Option<&str>) -> Tongue {
        let mut best = (0u32, Tongue::English);
        for range in header.unwrap_or_default().split(',') {
            let mut parts = range.split(';');
            let tongue = parts.next().and_then(Tongue::named);
            let weight = parts.find_map(|part| thousandths(part.trim().strip_prefix("q=")?)).unwrap_or(1000);
            if let Some(tongue) = tongue
                && weight > best.0
            {
                best = (weight, tongue);
            }
        }
        best.1
    }

    /// `tr`, `en`, also with a country.
    pub fn named(name: &str) -> Option<Tongue> {
        match name.trim().split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "tr" => Some(Tongue::Turkish),
            "en" => Some(Tongue::English),
            _ => None,
        }
    }

    /// As agreements and providers are asked for it.
    pub fn code(self) -> &'static str {
        match self {
            Tongue::English => "en",
            Tongue::Turkish => "tr",
        }
    }
}

/// `0.85` as 850.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((whole.parse::<u32>().ok()? * 1000 + digits.parse::<u32>().ok()?).min(1000))
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say {
    Required,
    Null,
    Blank,
    NotText,
    NotInteger,
    NotNumber,
    NotBoolean,
    NotUuid,
    NotEmail,
    NotChoice(String),
    TooLong(usize),
    TooShort(usize),
    AtMost(i64),
    AtLeast(i64),
    NoMatch,
    EmptyList,
    TooManyItems(usize),
    NotList(&'static str),
    NotObject(&'static str),
    NoSuchPk(String),
    TextTooLarge,
    /// The protocol's own words from here to `NotPaid`.
    VerificationFailed,
    AgreementNeeded,
    NotPaid,
    BasketNotFound,
    BasketNotActive,
    BasketEmpty,
    BasketChanged,
    BasketBusy,
    StockGone,
    NotEnoughStock,
    PreviousStep(&'static str),
    SessionExpired,
    OptionNotAvailable,
    AmountMismatch,
    AlreadyCompleted,
    ProviderDown,
    NotCreated,
    CardData,
    JsonError(String),
    OrderNotFound,
    CodeUnknown,
    CodeNotApplicable,
    CodeUsedUp,
    CodeExpired,
    WrongLogin,
    EmailTaken,
    NotDelivered,
    UnknownAgreement,
    UsedKey,
    TooMuch,
    StillOpen(&'static str),
}

impl Say {
    /// The sentence.
    pub fn to(&self, tongue: Tongue) -> String {
        match tongue {
            Tongue::English => self.english(),
            Tongue::Turkish => self.turkish(),
        }
    }

    fn english(&self) -> String {
        match self {
            Say::NotChoice(choice) => return format!("\"{choice}\" is not a valid choice."),
            Say::NoSuchPk(pk) => return format!("Invalid pk \"{pk}\" - object does not exist."),
            Say::TooLong(most) => return format!("Ensure this field has no more than {most} characters."),
            Say::TooShort(least) => return format!("Ensure this field has at least {least} characters."),
            Say::AtMost(most) => return format!("Ensure this value is less than or equal to {most}."),
            Say::AtLeast(least) => return format!("Ensure this value is greater than or equal to {least}."),
            Say::TooManyItems(most) => return format!("Ensure this field has no more than {most} elements."),
            Say::NotList(kind) => return format!("Expected a list of items but got type \"{kind}\"."),
            Say::NotObject(kind) => {
                return format!("Invalid data. Expected a dictionary, but got {kind}.");
            }
            Say::PreviousStep(page) => return format!("Please complete the previous step: {page}."),
            Say::JsonError(why) => return format!("JSON parse error - {why}"),
            Say::StillOpen(sentence) => return (*sentence).to_owned(),
            _ => {}
        }
        self.fixed().0.to_owned()
    }

    fn turkish(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = match self {
            Say::NotChoice(choice) => write!(text, "\"{choice}\" geçerli bir seçim değil."),
            Say::NoSuchPk(pk) => write!(text, "Geçersiz pk \"{pk}\" - nesne bulunamadı."),
            Say::TooLong(most) => write!(text, "Bu alan en fazla {most} karakter olabilir."),
            Say::TooShort(least) => write!(text, "Bu alan en az {least} karakter olmalı."),
            Say::AtMost(most) => write!(text, "Bu değer en fazla {most} olabilir."),
            Say::AtLeast(least) => write!(text, "Bu değer en az {least} olmalı."),
            Say::TooManyItems(most) => write!(text, "Bu alanda en fazla {most} öge olabilir."),
            Say::NotList(kind) => write!(text, "Bir liste bekleniyordu, \"{kind}\" geldi."),
            Say::NotObject(kind) => write!(text, "Geçersiz veri. Bir sözlük bekleniyordu, {kind} geldi."),
            Say::PreviousStep(page) => write!(text, "Lütfen önceki adımı tamamlayın: {page}."),
            Say::JsonError(why) => write!(text, "JSON ayrıştırma hatası - {why}"),
            Say::StillOpen(sentence) => write!(text, "{sentence}"),
            _ => write!(text, "{}", self.fixed().1),
        };
        text
    }

    /// Sentences without anything to fill in: English, Turkish.
    fn fixed(&self) -> (&'static str, &'static str) {
        match self {
            Say::Required => ("This field is required.", "Bu alan zorunludur."),
            Say::Null => ("This field may not be null.", "Bu alan null olamaz."),
            Say::Blank => ("This field may not be blank.", "Bu alan boş bırakılamaz."),
            Say::NotText => ("Not a valid string.", "Geçerli bir metin değil."),
            Say::NotInteger => ("A valid integer is required.", "Geçerli bir tam sayı gerekli."),
            Say::NotNumber => ("A valid number is required.", "Geçerli bir sayı gerekli."),
            Say::NotBoolean => ("Must be a valid boolean.", "Geçerli bir boolean olmalı."),
            Say::NotUuid => ("Must be a valid UUID.", "Geçerli bir UUID olmalı."),
            Say::NotEmail => ("Enter a valid email address.", "Geçerli bir e-posta adresi girin."),
            Say::NoMatch => {
                ("This value does not match the required pattern.", "Bu değer istenen biçime uymuyor.")
            }
            Say::EmptyList => ("This list may not be empty.", "Bu liste boş olamaz."),
            Say::TextTooLarge => ("String value too large.", "Metin çok uzun."),
            Say::VerificationFailed => {
                let words = "Verification failed, please try again";
                (words, words)
            }
            Say::AgreementNeeded => {
                let words = "You must accept agreement to continue.";
                (words, words)
            }
            Say::NotPaid => {
                let words = "Transaction failed. Please try again.";
                (words, words)
            }
            Say::BasketNotFound => ("Basket not found.", "Sepet bulunamadı."),
            Say::BasketNotActive => ("Basket is not active.", "Sepet aktif değil."),
            Say::BasketEmpty => ("Basket is empty.", "Sepet boş."),
            Say::BasketChanged => {
                ("Basket has changed, please try again.", "Sepet değişti, lütfen tekrar deneyin.")
            }
            Say::BasketBusy => {
                ("Basket is being processed, please try again.", "Sepet işleniyor, lütfen tekrar deneyin.")
            }
            Say::StockGone => {
                ("Some items are no longer in stock.", "Sepetteki bazı ürünlerin stoğu kalmadı.")
            }
            Say::NotEnoughStock => ("Not enough stock.", "Yeterli stok yok."),
            Say::SessionExpired => ("Checkout session has expired.", "Ödeme oturumunun süresi doldu."),
            Say::OptionNotAvailable => {
                ("Selected shipping option is not available.", "Seçilen kargo seçeneği kullanılamıyor.")
            }
            Say::AmountMismatch => {
                ("Paid amount does not match order total.", "Ödenen tutar sipariş tutarıyla eşleşmiyor.")
            }
            Say::AlreadyCompleted => ("This checkout is already completed.", "Bu ödeme zaten tamamlandı."),
            other => other.about_the_shop(),
        }
    }

    fn about_the_shop(&self) -> (&'static str, &'static str) {
        match self {
            Say::ProviderDown => (
                "Checkout provider is not available, please try again.",
                "Ödeme sağlayıcısına ulaşılamıyor, lütfen tekrar deneyin.",
            ),
            Say::NotCreated => ("Order could not be created.", "Sipariş oluşturulamadı."),
            Say::CardData => ("Card data is not accepted here.", "Kart bilgisi burada kabul edilmez."),
            Say::OrderNotFound => {
                ("Order not found or link has expired.", "Sipariş bulunamadı ya da bağlantının süresi doldu.")
            }
            Say::CodeUnknown => ("Voucher code was not found.", "Kupon kodu bulunamadı."),
            Say::CodeNotApplicable => {
                ("Voucher code does not apply to this basket.", "Kupon kodu bu sepette geçerli değil.")
            }
            Say::CodeUsedUp => ("Voucher code is used up.", "Kupon kodu tükendi."),
            Say::CodeExpired => ("Voucher code has expired.", "Kupon kodunun süresi doldu."),
            Say::WrongLogin => {
                ("Unable to log in with provided credentials.", "Verilen bilgilerle giriş yapılamadı.")
            }
            Say::EmailTaken => (
                "A user is already registered with this e-mail address.",
                "Bu e-posta adresiyle kayıtlı bir kullanıcı var.",
            ),
            Say::NotDelivered => {
                ("Nothing can be delivered to this address.", "Bu adrese teslimat yapılamıyor.")
            }
            Say::UnknownAgreement => ("There is no such agreement.", "Böyle bir sözleşme yok."),
            Say::UsedKey => (
                "Idempotency key was used with another request.",
                "Tekillik anahtarı başka bir istekle kullanıldı.",
            ),
            Say::TooMuch => ("The basket is too large.", "Sepet çok büyük."),
            _ => ("The request cannot be carried out.", "İstek yerine getirilemedi."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_chosen_by_weight() {
        for (header, tongue) in [
            (None, Tongue::English),
            (Some(""), Tongue::English),
            (Some("tr"), Tongue::Turkish),
            (Some("tr-TR,tr;q=0.9,en;q=0.8"), Tongue::Turkish),
            (Some("en;q=0.8, tr;q=0.85"), Tongue::Turkish),
            (Some("de, en;q=0.5, tr;q=0.4"), Tongue::English),
            (Some("tr;q=0"), Tongue::English),
            (Some("de"), Tongue::English),
            (Some("tr;q=x"), Tongue::Turkish),
        ] {
            assert_eq!(Tongue::accepted(header), tongue, "{header:?}");
        }
    }

    #[test]
    fn the_protocols_own_words_stay_english() {
        for say in [Say::VerificationFailed, Say::AgreementNeeded, Say::NotPaid] {
            assert_eq!(say.to(Tongue::English), say.to(Tongue::Turkish));
        }
        assert_eq!(Say::Required.to(Tongue::Turkish), "Bu alan zorunludur.");
        assert_eq!(Say::AtMost(12).to(Tongue::English), "Ensure this value is less than or equal to 12.");
    }
}
