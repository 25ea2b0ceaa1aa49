//! Findings as text: the one place where they are drawn.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{Diagnostic, Severity, SourceMap, Span};

/// Whether colour is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    None,
    /// Terminal colours.
    Ansi,
}

/// Draws a finding the way compilers do, with its source lines.
pub fn render(finding: &Diagnostic, sources: &SourceMap, colour: Colour) -> String {
    let code = finding.code.to_string();
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut report =
        vec![level.primary_title(&finding.message).id(&code).elements(snippets(finding, sources))];
    if let Some(hint) = &finding.hint {
        report.push(Group::with_title(Level::HELP.secondary_title(hint)));
    }
    if let Some(fix) = &finding.fix {
        let patch = Snippet::source(sources.text(fix.span.file))
            .path(sources.name(fix.span.file))
            .patch(Patch::new(fix.span.range(), &fix.replacement));
        report.push(Level::HELP.secondary_title(&fix.title).element(patch));
    }
    let renderer = match colour {
        Colour::None => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    renderer.render(&report)
}

/// One snippet per file, the one of the finding first.
fn snippets<'a>(
    finding: &'a Diagnostic,
    sources: &'a SourceMap,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files = vec![finding.primary.span.file];
    for label in &finding.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let in_file = |file| {
        let primary = std::iter::once((AnnotationKind::Primary, &finding.primary));
        let others = finding.labels.iter().map(|label| (AnnotationKind::Context, label));
        let annotations = primary.chain(others).filter(move |(_, label)| label.span.file == file);
        let annotations = annotations.map(|(kind, label)| {
            kind.span(visible(label.span, sources)).label(label.text.as_str())
        });
        Snippet::source(sources.text(file)).path(sources.name(file)).annotations(annotations)
    };
    files.into_iter().map(in_file).collect()
}

/// A span that lies within the text and covers at least one character where there is one.
fn visible(span: Span, sources: &SourceMap) -> std::ops::Range<usize> {
    let length = sources.text(span.file).len();
    let start = span.start.min(length);
    start..span.end.clamp(start, length)
}
