//! `csvdecode`.

use value::{Type, Value};

use super::super::FunctionError;
use super::super::table::{Call, Core, function};
use super::super::text::{quoted, text};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function(
            "csvdecode",
            "Reads a list of objects from a table in CSV whose first line names the columns.",
        )
        .param("str", Type::String)
        .returns(Type::Dynamic, csvdecode),
    ]
}

fn csvdecode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let source = call.str(0)?;
    // A carriage return at the very end belongs to no line.
    let mut reader = Reader { rest: source.strip_suffix('\r').unwrap_or(source), line: 1 };
    let (_, columns) = reader.record()?.ok_or_else(|| FunctionError::new("missing header line"))?;
    let mut sorted: Vec<&str> = columns.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(FunctionError::new(format!("duplicate column name {}", quoted(twice[0]))));
    }
    let row_type = Type::object(columns.iter().map(|name| (name.as_str(), Type::String)));
    let mut rows = Vec::new();
    while let Some((line, fields)) = reader.record()? {
        if fields.len() != columns.len() {
            return Err(error(line, "wrong number of fields"));
        }
        let attributes = columns.iter().map(String::as_str).zip(fields.into_iter().map(text));
        rows.push(Value::object_of(attributes));
    }
    Ok(Value::list(row_type, rows))
}

/// Reads RFC 4180 as strictly as Go's library: a quote may only begin and end a field, or be doubled inside.
struct Reader<'a> {
    rest: &'a str,
    /// Of the beginning of `rest`, from 1.
    line: usize,
}

impl<'a> Reader<'a> {
    /// The next record and the line it begins at. Empty lines are skipped.
    fn record(&mut self) -> Result<Option<(usize, Vec<String>)>, FunctionError> {
        while let Some(line) = self.next_line() {
            if trim_newline(line).is_empty() {
                continue;
            }
            let first_line = self.line - 1;
            let mut fields = Vec::new();
            let mut line = line;
            loop {
                let (field, after) = match line.strip_prefix('"') {
                    Some(quoted) => self.quoted_field(quoted)?,
                    None => self.plain_field(line)?,
                };
                fields.push(field);
                match after {
                    Some(after) => line = after,
                    None => return Ok(Some((first_line, fields))),
                }
            }
        }
        Ok(None)
    }

    /// A field without quotes, and what follows the comma after it.
    fn plain_field(&self, line: &'a str) -> Result<(String, Option<&'a str>), FunctionError> {
        let (field, after) = match line.split_once(',') {
            Some((field, after)) => (field, Some(after)),
            None => (trim_newline(line), None),
        };
        if field.contains('"') {
            return Err(error(self.line - 1, "bare \" in non-quoted-field"));
        }
        Ok((field.to_owned(), after))
    }

    /// A field in quotes, from after the first one on; it may go on over lines.
    fn quoted_field(&mut self, line: &'a str) -> Result<(String, Option<&'a str>), FunctionError> {
        let mut field = String::new();
        let mut line = line;
        loop {
            let Some((inside, after)) = line.split_once('"') else {
                push_line(&mut field, line);
                line = self
                    .next_line()
                    .ok_or_else(|| error(self.line - 1, "extraneous or missing \" in quoted-field"))?;
                continue;
            };
            field.push_str(inside);
            if let Some(after) = after.strip_prefix('"') {
                field.push('"');
                line = after;
            } else if let Some(after) = after.strip_prefix(',') {
                return Ok((field, Some(after)));
            } else if trim_newline(after).is_empty() {
                return Ok((field, None));
            } else {
                return Err(error(self.line - 1, "extraneous or missing \" in quoted-field"));
            }
        }
    }

    /// The next line with its end.
    fn next_line(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.line += 1;
        Some(line)
    }
}

/// A line within a field; its end is `\n`, whatever it was.
fn push_line(field: &mut String, line: &str) {
    match line.strip_suffix("\r\n") {
        Some(content) => {
            field.push_str(content);
            field.push('\n');
        }
        None => field.push_str(line),
    }
}

fn trim_newline(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

fn error(line: usize, what: &str) -> FunctionError {
    FunctionError::new(format!("CSV parse error on line {line}: {what}"))
}
