//! The XML of a describe.

use std::fmt::Write as _;

use super::Told;
use crate::sandbox::zuora::zoql::FilterKind;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An object with its fields.
pub fn object(host: &str, name: &str, fields: &[Told]) -> String {
    let mut text = String::from(HEAD);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "<object href=\"http://{}/v1/describe/{name}\">\n<name>{name}</name>\n<label>{name}</label>\n<fields>",
        escaped(host)
    );
    for told in fields {
        field(&mut text, told);
    }
    text.push_str("</fields>\n</object>\n");
    text
}

/// Why there is nothing.
pub fn error(message: &str) -> String {
    format!("{HEAD}<error><message>{}</message></error>\n", escaped(message))
}

fn field(text: &mut String, told: &Told) {
    let type_name = match told.kind {
        _ if !told.options.is_empty() => "picklist",
        FilterKind::Text => "text",
        FilterKind::Number => "decimal",
        FilterKind::Boolean => "boolean",
        FilterKind::Date => "date",
        FilterKind::Instant => "datetime",
    };
    let options: String =
        told.options.iter().map(|value| format!("<option>{}</option>", escaped(value))).collect();
    let options = match options.is_empty() {
        true => options,
        false => format!("<options>{options}</options>"),
    };
    let name = escaped(&told.name);
    let _ = writeln!(
        text,
        "<field><name>{name}</name><label>{name}</label><selectable>true</selectable>\
         <createable>{}</createable><updateable>{}</updateable><filterable>{}</filterable>\
         <custom>{}</custom><maxlength>{}</maxlength><required>{}</required>\
         <type>{type_name}</type>{options}<contexts><context>export</context>\
         <context>soap</context></contexts></field>",
        told.createable,
        told.updateable,
        told.filterable,
        told.custom,
        told.length.map(|length| length.to_string()).unwrap_or_default(),
        told.required,
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
