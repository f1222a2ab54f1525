use std::sync::{Arc, PoisonError, RwLock};

use crate::{FileId, Span};

/// The text of every file that diagnostics may point into. Cheap to clone; clones share the files.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Arc<RwLock<Vec<SourceFile>>>,
}

/// One source file: the name shown to users (relative to the working folder) and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub name: Arc<str>,
    pub text: Arc<str>,
}

/// A place in a file as Terraform reports it: line and column from 1 (columns count grapheme
/// clusters approximately as characters), byte from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
    pub byte: usize,
}

impl Sources {
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a file and returns the id that its spans carry.
    pub fn add(&self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let id = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX));
        files.push(SourceFile { name: name.into(), text: text.into() });
        id
    }

    pub fn get(&self, id: FileId) -> Option<SourceFile> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(id.0 as usize).cloned()
    }

    /// All files in the order they were added.
    pub fn all(&self) -> Vec<SourceFile> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file and the start and end positions of a span; `None` for an unknown file.
    pub fn locate(&self, span: Span) -> Option<(SourceFile, Position, Position)> {
        let file = self.get(span.file)?;
        let start = file.position(span.start as usize);
        let end = file.position(span.end as usize);
        Some((file, start, end))
    }
}

impl SourceFile {
    /// The position of a byte offset; an offset past the end is the end, one inside a character its start.
    pub fn position(&self, byte: usize) -> Position {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            byte,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let sources = Sources::new();
        let id = sources.add("main.tf", "a = 1\nñandú = 2\n");
        let (file, start, end) = sources.locate(Span::new(id, 6, 13)).expect("registered");
        assert_eq!(&*file.name, "main.tf");
        assert_eq!((start.line, start.column, start.byte), (2, 1, 6));
        assert_eq!((end.line, end.column), (2, 6));
        assert_eq!(file.position(usize::MAX).byte, file.text.len());
    }
}
