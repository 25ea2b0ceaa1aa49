//! Reading the tree of an environment file: whatever does not fit is a finding at its place.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, Diagnostic, Findings, Span},
    syntax::{Key, Node},
};

/// The reading of one file.
pub(in crate::cli) struct Form<'a> {
    pub(in crate::cli) findings: &'a mut Findings,
}

impl Form<'_> {
    /// Reports a fault.
    pub(in crate::cli) fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.findings.push(Diagnostic::error(Code::ENVIRONMENT, span, message));
    }

    /// Reports a fault with what to do about it.
    pub(in crate::cli) fn fault_with(
        &mut self,
        span: Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(Diagnostic::error(Code::ENVIRONMENT, span, message).hint(hint));
    }

    /// The keys and values of a block.
    pub(in crate::cli) fn block<'n>(&mut self, node: &'n Node, what: &str) -> &'n [(Key, Node)] {
        node.block().unwrap_or_else(|| {
            self.fault(
                node.span,
                format!("{what} is a block of keys, and this is {}", node.what()),
            );
            &[]
        })
    }

    /// The keys and values of a block whose keys are all known.
    pub(in crate::cli) fn known<'n>(
        &mut self,
        node: &'n Node,
        keys: &[&str],
        what: &str,
    ) -> &'n [(Key, Node)] {
        let entries = self.block(node, what);
        for (key, _) in entries.iter().filter(|(key, _)| !keys.contains(&key.text.as_str())) {
            let message = format!("{what} has no key `{}`", key.text);
            let finding = Diagnostic::error(Code::ENVIRONMENT, key.span, message)
                .hint(format!("its keys are {}", keys.join(", ")));
            self.findings.push(finding.suggest(&key.text, keys.iter().copied()));
        }
        entries
    }

    /// A text that is not empty.
    pub(in crate::cli) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match node.text() {
            Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => {
                let message = format!("{what} is a text, and this is {}", node.what());
                self.fault(node.span, message);
                None
            }
        }
    }

    /// A whole number up to a limit.
    pub(in crate::cli) fn number(&mut self, node: &Node, most: u32, what: &str) -> Option<u32> {
        let number = node.text().and_then(|text| text.parse::<u32>().ok());
        if let Some(number) = number.filter(|number| *number <= most) {
            return Some(number);
        }
        self.fault(node.span, format!("{what} is a whole number from 0 to {most}"));
        None
    }

    /// A list of texts.
    pub(in crate::cli) fn texts(&mut self, node: &Node, what: &str) -> BTreeSet<String> {
        let Some(items) = node.list() else {
            self.fault(node.span, format!("{what} is a list, and this is {}", node.what()));
            return BTreeSet::new();
        };
        items.iter().filter_map(|item| self.text(item, &format!("an item of {what}"))).collect()
    }

    /// One of some words.
    pub(in crate::cli) fn word<'w>(
        &mut self,
        node: &Node,
        words: &[&'w str],
        what: &str,
    ) -> Option<&'w str> {
        let written = self.text(node, what)?;
        let found = words.iter().find(|word| **word == written).copied();
        if found.is_none() {
            let message = format!("{what} is one of {}, not `{written}`", words.join(", "));
            let finding = Diagnostic::error(Code::ENVIRONMENT, node.span, message);
            self.findings.push(finding.suggest(&written, words.iter().copied()));
        }
        found
    }

    /// A currency code.
    pub(in crate::cli) fn currency(&mut self, node: &Node, what: &str) -> Option<String> {
        let code = self.text(node, what)?;
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(code);
        }
        self.fault(node.span, format!("{what} is a code of three letters such as USD"));
        None
    }

    /// True or false.
    pub(in crate::cli) fn truth(&mut self, node: &Node, what: &str) -> bool {
        self.word(node, &["true", "false"], what) == Some("true")
    }
}
