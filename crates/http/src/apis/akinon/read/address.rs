//! An address as a provider gives it, with its proof.
//!
//! Country is the country, city the state, town the city; the street is the first line and the district the second. What the
//! domain has no use for (codes of places, tax numbers) is kept beside. Whether the proof holds is asked of the provider's
//! implementation; whether it was used for other data, of the domain.

use crate::apis::akinon::check::{Errors, Form, Need};
use crate::apis::akinon::tongue::Say;
use domain::address::AddressFields;
use domain::catalog::Geography;
use domain::command::ProvenAddress;
use domain::limits::{LONG_TEXT, TEXT};
use engine::ports::{CheckoutProvider, HashedAddress};
use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Longest proof: a signature of 512 bits in hexadecimal digits, twice.
const HASH: usize = 256;

/// Kinds of addresses, as they are kept.
const KINDS: [&str; 4] = ["customer", "retail_store", "pickup_location", "checkout_provider"];

/// An address that was read, and what its proof is of.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAddress {
    pub fields: AddressFields,
    pub hashed: HashedAddress,
}

struct Place {
    name: String,
    code: String,
}

/// Reads one address.
pub fn address(form: &mut Form<'_>, geography: &Geography) -> Option<GivenAddress> {
    let given = form.text("name", Need::Required, TEXT);
    let family = form.text("surname", Need::Required, TEXT);
    let phone = form.text("phone_number", Need::Required, TEXT);
    let title = form.text("address_title", Need::Required, TEXT);
    let line = form.text("line", Need::Required, TEXT);
    let hash = form.text("hash_data", Need::Required, HASH);
    let mut country_id = None;
    let country = form.object("country", Need::Required, |form| {
        let place = place(form)?;
        country_id = geography.by_code(&place.code.to_uppercase()).map(|country| country.id);
        if country_id.is_none() {
            form.wrong("code", Say::NotChoice(place.code.chars().take(64).collect()));
            return None;
        }
        Some(place)
    });
    let city = form.object("city", Need::Required, place);
    let town = form.object("town", Need::Required, place);
    let district = form.object("district", Need::Required, place);
    let mut extra = Map::new();
    let mut keep = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            extra.insert(name.to_owned(), Value::String(value));
        }
    };
    keep("address_type", form.choice("address_type", Need::Optional, &KINDS).map(str::to_owned));
    let zipcode = form.text("postal_code", Need::Optional, TEXT);
    let company = form.text("company_name", Need::Optional, TEXT);
    for name in ["tax_no", "tax_office"] {
        keep(name, form.text(name, Need::Optional, TEXT));
    }
    keep("notes", form.text("notes", Need::Optional, LONG_TEXT));
    keep("address_title", title);
    let (given, family, phone, line, hash) = (given?, family?, phone?, line?, hash?);
    let (country, city, town, district) = (country?, city?, town?, district?);
    keep("hash_data", Some(hash.clone()));
    for (name, place) in [("city_code", &city), ("town_code", &town), ("district_code", &district)] {
        keep(name, Some(place.code.clone()));
    }
    let hashed = HashedAddress {
        name: given.clone(),
        surname: family.clone(),
        phone: phone.clone(),
        line: line.clone(),
        country: country.code,
        city: city.code,
        town: town.code,
        district: district.code,
        hash,
    };
    let fields = AddressFields {
        name: format!("{given} {family}"),
        given: Some(given),
        family: Some(family),
        address1: line,
        address2: Some(district.name),
        city: town.name,
        state_name: Some(city.name),
        zipcode: zipcode.unwrap_or_default(),
        phone: Some(phone),
        company,
        country: country_id,
        extra,
        ..AddressFields::default()
    };
    Some(GivenAddress { fields, hashed })
}

fn place(form: &mut Form<'_>) -> Option<Place> {
    let name = form.text("name", Need::Required, TEXT);
    let code = form.text("code", Need::Required, TEXT);
    Some(Place { name: name?, code: code? })
}

/// The address with its proof, if whoever speaks to the provider has nothing against it.
///
/// # Errors
/// `hash_data` of the address named `field`.
pub fn checked(
    given: GivenAddress,
    field: &str,
    provider: Option<&dyn CheckoutProvider>,
) -> Result<ProvenAddress, Errors> {
    if provider.is_some_and(|provider| !provider.check_address(&given.hashed)) {
        let mut errors = Errors::default();
        errors.within(field, Errors::one("hash_data", Say::VerificationFailed));
        return Err(errors);
    }
    Ok(ProvenAddress { content: content(&given.hashed), fields: given.fields, hash: given.hashed.hash })
}

/// What a proof is of, as a digest. The same letters count as the same, composed or not (NFC).
fn content(address: &HashedAddress) -> [u8; 32] {
    let parts = [
        &address.name,
        &address.surname,
        &address.phone,
        &address.line,
        &address.country,
        &address.city,
        &address.town,
        &address.district,
    ];
    let mut hash = Sha256::new();
    for (place, part) in parts.into_iter().enumerate() {
        if place > 0 {
            hash.update(b"|");
        }
        hash.update(ComposingNormalizerBorrowed::new_nfc().normalize(part).as_bytes());
    }
    hash.finalize().into()
}
