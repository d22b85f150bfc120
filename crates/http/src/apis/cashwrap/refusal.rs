//! The domain's refusals as problems: a kind, a title that is the domain's own sentence, and the fields at fault.

use super::problem::{FieldProblem, Problem};
use axum::http::StatusCode;
use domain::explain::words;
use domain::fault::Fault;
use domain::money::Currency;
use domain::plan::Requirement;
use domain::refusal::{CodeRefusal, FieldError, Refusal, Rule, Shortage};
use serde::Serialize;

/// A refusal as this API tells it.
pub fn problem(refusal: &Refusal, currency: Currency) -> Problem {
    let status = match refusal {
        Refusal::Placing => StatusCode::CONFLICT,
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let sentence = sentence(&refusal.to_string());
    let (detail, errors) = match refusal {
        Refusal::Code(code) => (code_words(code, currency), Vec::new()),
        Refusal::Invalid(fields) => (sentence.clone(), fields.iter().map(field).collect()),
        Refusal::InsufficientStock(short) => (sentence.clone(), short.iter().map(shortage).collect()),
        Refusal::TotalMismatch { actual } => {
            (format!("The total is {} in minor units.", actual.0), Vec::new())
        }
        Refusal::VariantsGone(lines) => {
            let gone = |line: &domain::LineId| {
                FieldProblem::new(format!("lines.{line}"), "gone", "Its product is not sold any more.")
            };
            (sentence.clone(), lines.iter().map(gone).collect())
        }
        Refusal::RequirementsOpen(open) => (sentence.clone(), open.iter().map(requirement).collect()),
        Refusal::Faults(faults) | Refusal::CheckoutNotAllowed(faults) | Refusal::StepOpen { faults, .. } => {
            (sentence.clone(), faults.iter().map(fault).collect())
        }
        _ => (sentence.clone(), Vec::new()),
    };
    Problem::new(status, &kind(refusal), title(refusal, &sentence), detail).with(errors)
}

/// Refusals that carry words of somebody else have a title of their own.
fn title(refusal: &Refusal, sentence: &str) -> String {
    match refusal {
        Refusal::Declined(_) => "The payment was refused.".to_owned(),
        _ => sentence.to_owned(),
    }
}

/// `insufficient-stock`, from the name the domain gives it.
fn kind(refusal: &Refusal) -> String {
    let name = name(refusal);
    let mut kind = String::with_capacity(name.len() + 4);
    for (position, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && position > 0 {
            kind.push('-');
        }
        kind.push(if letter == '_' { '-' } else { letter.to_ascii_lowercase() });
    }
    kind
}

/// The name under which a plain enum of the domain is stored.
pub fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(map)) => {
            map.into_iter().next().map(|(name, _)| name).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// What goes with the name: the ids of `{"line": 3}` or `{"answer": [1, 2]}`.
pub fn about(value: &impl Serialize) -> Option<serde_json::Value> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Object(map)) => map.into_iter().next().map(|(_, about)| about),
        _ => None,
    }
}

fn requirement(open: &Requirement) -> FieldProblem {
    FieldProblem::new(path(open), "required", open.sentence())
}

fn fault(fault: &Fault) -> FieldProblem {
    let rule = fault.flaw.code();
    let detail = format!("{} is wrong: {}.", fault.attribute, rule.replace('_', " "));
    FieldProblem::new(format!("{}.{}", path(&fault.at), fault.attribute), rule, detail)
}

/// `line.3`, `answer.1.2`.
fn path(value: &impl Serialize) -> String {
    let ids = match about(value) {
        Some(serde_json::Value::Array(ids)) => ids,
        about => about.into_iter().collect(),
    };
    ids.iter().fold(name(value), |path, id| format!("{path}.{id}"))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn field(error: &FieldError) -> FieldProblem {
    FieldProblem::new(error.field.clone(), name(&error.rule), rule_words(&error.rule))
}

fn shortage(short: &Shortage) -> FieldProblem {
    let field = short.line.map_or_else(|| "stock".to_owned(), |line| format!("lines.{line}.quantity"));
    let Shortage { variant, requested, available, .. } = short;
    let detail = format!("{requested} of variant {variant} are asked for, {available} are available.");
    FieldProblem::new(field, "not_available", detail)
}

fn rule_words(rule: &Rule) -> String {
    match rule {
        Rule::Blank => "must not be blank".to_owned(),
        Rule::MustExist => "must exist".to_owned(),
        Rule::Invalid => "is invalid".to_owned(),
        Rule::NotANumber => "is not a number".to_owned(),
        Rule::NotAnInteger => "must be a whole number".to_owned(),
        Rule::Taken => "is taken".to_owned(),
        Rule::TooLong { maximum } => format!("is too long: at most {maximum}"),
        Rule::AtLeast(least) => format!("must be {least} at least"),
        Rule::AtMost(most) => format!("must be {most} at most"),
        Rule::DoesNotMatchCountry => "is not of the country".to_owned(),
        Rule::DoesNotMatch => "does not match".to_owned(),
        Rule::NotIncluded => "is not one of those offered".to_owned(),
        Rule::NoPrice => "has no price in the order's currency".to_owned(),
        Rule::NotAvailable => "is not available in this quantity".to_owned(),
        Rule::TestCardOnly => "must be a test card".to_owned(),
        Rule::CardIncomplete(_) => "is incomplete".to_owned(),
    }
}

fn code_words(code: &CodeRefusal, currency: Currency) -> String {
    match code {
        CodeRefusal::Blank => "The code is blank.".to_owned(),
        CodeRefusal::NotFound => "There is no promotion with this code.".to_owned(),
        CodeRefusal::Expired => "The promotion is not in force at this time.".to_owned(),
        CodeRefusal::MaxUsage => "The promotion has been used as often as it may be.".to_owned(),
        CodeRefusal::AlreadyApplied => "The promotion is on the order already.".to_owned(),
        CodeRefusal::NotPresent => "The code is not on the order.".to_owned(),
        CodeRefusal::Rule(failure) => words::of_failure(failure, currency),
        CodeRefusal::NoEffect => "The promotion would change nothing.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_the_domains_names_and_titles_are_sentences() {
        let problem = |refusal: Refusal| problem(&refusal, Currency::USD);
        let stock = problem(Refusal::InsufficientStock(Vec::new()));
        assert_eq!(stock.kind, "urn:cashwrap:problem:insufficient-stock");
        assert_eq!(stock.title, "The quantity is not available.");
        assert_eq!(problem(Refusal::NoLines).kind, "urn:cashwrap:problem:no-lines");
        assert_eq!(problem(Refusal::Placing).status, 409);
        let code = problem(Refusal::Code(CodeRefusal::Expired));
        assert_eq!(code.detail, "The promotion is not in force at this time.");
    }
}
