//! Forms with their fields and options, and order forms with their conditions.

use super::fault::quoted;
use super::reader::Reader;
use super::section::{Item, Section};
use super::variant_key;
use domain::catalog::{Condition, FieldKind, Form, FormField, FormOption, OrderForm};
use domain::{ConditionId, FormFieldId, FormId, FormOptionId, IdKind, OrderFormId, VariantId};

const KINDS: &[(&str, FieldKind)] = &[
    ("text", FieldKind::Text),
    ("long_text", FieldKind::LongText),
    ("email", FieldKind::Email),
    ("phone", FieldKind::Phone),
    ("number", FieldKind::Number),
    ("date", FieldKind::Date),
    ("choice", FieldKind::Choice),
    ("select", FieldKind::Select),
    ("checkbox", FieldKind::Checkbox),
    ("checkboxes", FieldKind::Checkboxes),
];

impl Reader<'_> {
    pub fn form(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = FormId(self.names.declare(&section, IdKind::Form, &name));
        let fields = section.sections("fields").into_iter().enumerate();
        let fields = fields.filter_map(|(position, field)| self.field(field, &name, position as i64 + 1));
        let fields = fields.collect();
        self.put(Form { id, name, fields });
        section.finish();
    }

    fn field(&mut self, section: Section<'_>, form: &str, position: i64) -> Option<FormField> {
        let label = section.need_text("label")?;
        let key = format!("{form}/{label}");
        let id = FormFieldId(self.names.declare(&section, IdKind::FormField, &key));
        let kind = section.choice("kind", KINDS).unwrap_or_default();
        let options = section.texts("options").into_iter().enumerate().map(|(position, name)| FormOption {
            id: FormOptionId(self.names.part(IdKind::FormOption, &format!("{key}/{name}"))),
            name,
            value: None,
            position: position as i64 + 1,
        });
        let options: Vec<FormOption> = options.collect();
        if kind.has_options() == options.is_empty() {
            section.fault("expected `options` exactly where the kind is choice, select or checkboxes");
        }
        let field = FormField {
            id,
            label,
            help_text: section.text("help_text"),
            required: section.flag("required", false),
            enabled: section.flag("enabled", true),
            position,
            kind,
            options,
        };
        section.finish();
        Some(field)
    }

    pub fn order_form(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = OrderFormId(self.names.declare(&section, IdKind::OrderForm, &name));
        let conditions = section.sections("conditions").into_iter();
        let conditions = conditions.filter_map(|condition| self.condition(condition, &name)).collect();
        self.put(OrderForm { id, name, conditions });
        section.finish();
    }

    fn condition(&mut self, section: Section<'_>, form: &str) -> Option<Condition> {
        let label = section.need_text("label")?;
        let key = format!("{form}/{label}");
        let id = ConditionId(self.names.declare(&section, IdKind::Condition, &key));
        let variants = self.variants(&section, "variants");
        let minimum = section.whole("minimum", 0..=i64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok());
        let maximum = section.count("maximum");
        let minimum = minimum.unwrap_or(0);
        if maximum.is_some_and(|maximum| maximum < minimum) {
            section.fault("expected `maximum` not below `minimum`");
        }
        section.finish();
        Some(Condition { id, label, variants, minimum, maximum })
    }

    /// Variants by their SKUs.
    pub fn variants(&self, section: &Section<'_>, key: &str) -> Vec<VariantId> {
        section.list(key).iter().filter_map(|item| self.variant_named(item)).collect()
    }

    fn variant_named(&self, item: &Item<'_>) -> Option<VariantId> {
        let sku = item.text()?;
        let found = self.names.id(IdKind::Variant, &variant_key(&sku, "", ""));
        if found.is_none() {
            item.fault(format!("there is no variant with the SKU {} in this store", quoted(&sku)));
        }
        found.map(VariantId)
    }
}
