//! Findings as text, in the box that Terraform's users know, or plain without colour.

use std::fmt::Write as _;

use diag::{Diagnostic, Diagnostics, PathStep, Severity, SourceFile, Sources, Span};

use super::colour::{Palette, Style};
use super::wrap::wrap;

/// Puts warnings of one summary together when `compact`; errors are kept as they are.
pub fn consolidate(found: &Diagnostics, compact: bool) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    let mut warnings: Vec<String> = Vec::new();
    let mut groups: Vec<(String, Diagnostic, usize)> = Vec::new();
    for diagnostic in found {
        if diagnostic.severity == Severity::Error {
            out.push(diagnostic.clone());
        } else if compact {
            if !warnings.contains(&diagnostic.summary) {
                warnings.push(diagnostic.summary.clone());
            }
        } else if let Some(group) = groups.iter_mut().find(|(summary, ..)| *summary == diagnostic.summary) {
            group.2 += 1;
        } else {
            groups.push((diagnostic.summary.clone(), diagnostic.clone(), 1));
        }
    }
    for (_, mut first, count) in groups {
        if count > 1 {
            let more = if count == 2 {
                "one more similar warning".to_owned()
            } else {
                format!("{} more similar warnings", count - 1)
            };
            let _ = write!(first.detail, "\n\n(and {more} elsewhere)");
        }
        out.push(first);
    }
    if !warnings.is_empty() {
        let list = warnings.iter().map(|w| format!("- {w}")).collect::<Vec<_>>().join("\n");
        out.push(Diagnostic::warning(
            "Warnings",
            format!("{list}\n\nTo see the full warning notes, run without -compact-warnings."),
        ));
    }
    // Warnings first, as Terraform prints them; errors last, where the eye falls.
    out.sort_by_key(|d| d.severity == Severity::Error);
    out
}

/// One finding with an empty line before it.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, palette: Palette, columns: usize) -> String {
    let inner = if palette.is_on() { columns.saturating_sub(2) } else { columns };
    let body = body(diagnostic, sources, palette, inner.max(20));
    if !palette.is_on() {
        return format!("\n{body}");
    }
    let style = if diagnostic.is_error() { Style::Red } else { Style::Yellow };
    let rail = palette.paint(style, "│");
    let mut out = palette.paint(style, "╷") + "\n";
    for line in body.trim_end_matches('\n').split('\n') {
        let _ = writeln!(out, "{rail} {line}");
    }
    out + &palette.paint(style, "╵") + "\n"
}

fn body(diagnostic: &Diagnostic, sources: &Sources, palette: Palette, width: usize) -> String {
    let (word, style) = match diagnostic.severity {
        Severity::Error => ("Error: ", Style::BoldRed),
        Severity::Warning => ("Warning: ", Style::BoldYellow),
    };
    let mut out =
        format!("{}{}\n\n", palette.paint(style, word), palette.paint(Style::Bold, &diagnostic.summary));
    if let Some(address) = &diagnostic.address {
        let _ = writeln!(out, "  with {address},");
    }
    let located = diagnostic.subject.and_then(|span| Some((span, sources.locate(span)?)));
    match located {
        Some((span, (file, start, _))) => {
            let context = enclosing_block(&file, span).map(|c| format!(", in {c}")).unwrap_or_default();
            let _ = writeln!(out, "  on {} line {}{context}:", file.name, start.line);
            out.push_str(&snippet(diagnostic, &file, span, palette));
            out.push('\n');
        }
        None if diagnostic.address.is_some() => out.push('\n'),
        None => {}
    }
    if diagnostic.subject.is_none() && !diagnostic.attribute.is_empty() {
        let _ = writeln!(out, "  at {}\n", attribute(&diagnostic.attribute));
    }
    if !diagnostic.detail.is_empty() {
        let _ = writeln!(out, "{}", wrap(&diagnostic.detail, width));
    }
    out
}

/// The source lines with the subject underlined, and the values of what the expression refers to.
fn snippet(diagnostic: &Diagnostic, file: &SourceFile, span: Span, palette: Palette) -> String {
    let shown = diagnostic.context.filter(|context| context.file == span.file).unwrap_or(span).to(span);
    let first = file.position(shown.start as usize).line;
    let last = file.position(shown.end as usize).line.min(first + MAX_LINES);
    let mut out = String::new();
    let mut offset = 0;
    for (number, line) in file.text.split_inclusive('\n').enumerate().map(|(i, line)| (i + 1, line)) {
        let text = line.trim_end_matches(['\n', '\r']);
        if number >= first && number <= last {
            let _ = writeln!(out, "{number:>4}: {}", underline(text, offset, span, palette));
        }
        offset += line.len();
    }
    if diagnostic.calling.is_some() || !diagnostic.values.is_empty() {
        let _ = writeln!(out, "    {}", palette.paint(Style::Dim, "├────────────────"));
        let bar = palette.paint(Style::Dim, "│");
        if let Some(function) = &diagnostic.calling {
            let _ = writeln!(out, "    {bar} while calling {}", palette.paint(Style::Bold, function));
        }
        for value in &diagnostic.values {
            let name = palette.paint(Style::Bold, &value.traversal);
            let _ = writeln!(out, "    {bar} {name} {}", value.statement);
        }
    }
    out
}

fn underline(line: &str, offset: usize, span: Span, palette: Palette) -> String {
    let clamp = |at: u32| (at as usize).saturating_sub(offset).min(line.len());
    let (start, end) = (clamp(span.start), clamp(span.end));
    match (line.get(..start), line.get(start..end), line.get(end..)) {
        (Some(before), Some(subject), Some(after)) if palette.is_on() && !subject.is_empty() => {
            format!("{before}{}{after}", palette.paint(Style::Underline, subject))
        }
        _ => line.to_owned(),
    }
}

/// The header of the outermost block around a place: `resource "aws_vpc" "main"`.
fn enclosing_block(file: &SourceFile, span: Span) -> Option<String> {
    if file.name.ends_with(".json") {
        return None;
    }
    let (body, _) = syntax::parse_file(span.file, &file.text);
    let syntax::Body::Native(body) = body else { return None };
    let block = body.blocks.iter().find(|b| b.span.start <= span.start && span.start < b.span.end)?;
    let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.value.as_str())).collect();
    Some(format!("{}{labels}", block.ty.name))
}

fn attribute(path: &[PathStep]) -> String {
    let mut out = String::new();
    for step in path {
        let _ = match step {
            PathStep::Attribute(name) if out.is_empty() => write!(out, "{name}"),
            PathStep::Attribute(name) => write!(out, ".{name}"),
            PathStep::Key(key) => write!(out, "[{key:?}]"),
            PathStep::Index(index) => write!(out, "[{index}]"),
        };
    }
    out
}

/// A finding as `validate -json` and the JSON stream show it.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> serde_json::Value {
    let mut out = serde_json::json!({
        "severity": if diagnostic.is_error() { "error" } else { "warning" },
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    });
    if let Some(address) = &diagnostic.address {
        out["address"] = address.as_str().into();
    }
    if let Some(span) = diagnostic.subject
        && let Some((file, start, end)) = sources.locate(span)
    {
        let position =
            |p: diag::Position| serde_json::json!({"line": p.line, "column": p.column, "byte": p.byte});
        out["range"] = serde_json::json!({
            "filename": &*file.name,
            "start": position(start),
            "end": position(end),
        });
        out["snippet"] = snippet_json(diagnostic, &file, span);
    }
    out
}

fn snippet_json(diagnostic: &Diagnostic, file: &SourceFile, span: Span) -> serde_json::Value {
    let line_start = file.text[..file.position(span.start as usize).byte].rfind('\n').map_or(0, |n| n + 1);
    let end = file.position(span.end as usize).byte;
    let line_end = file.text[end..].find('\n').map_or(file.text.len(), |n| end + n);
    let values: Vec<_> = diagnostic
        .values
        .iter()
        .map(|value| serde_json::json!({"traversal": value.traversal, "statement": value.statement}))
        .collect();
    let mut snippet = serde_json::json!({
        "context": enclosing_block(file, span),
        "code": file.text[line_start..line_end],
        "start_line": file.position(line_start).line,
        "highlight_start_offset": (span.start as usize).saturating_sub(line_start),
        "highlight_end_offset": end.saturating_sub(line_start),
        "values": values,
    });
    if let Some(function) = &diagnostic.calling {
        let name = function.split('(').next().unwrap_or_default();
        snippet["function_call"] = serde_json::json!({ "called_as": name });
    }
    snippet
}

/// More lines of a large block than this are not shown.
const MAX_LINES: usize = 12;
