use std::io;

/// Re-indents compact JSON by two spaces, leaving strings and numbers to the letter (as Go's `json.Indent`).
pub fn indent(json: &str) -> String {
    let mut indented = Indented::default();
    indented.push(json.as_bytes());
    indented.finish()
}

/// Takes JSON in pieces and indents it as it comes, so that a large state is not held twice.
#[derive(Debug, Default)]
pub struct Indented {
    out: Vec<u8>,
    depth: usize,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Between,
    /// Behind an opening bracket: a closing one that follows stays on its line.
    Opened,
    InString,
    /// Behind a backslash in a string.
    Escaped,
}

impl Indented {
    pub fn push(&mut self, mut json: &[u8]) {
        while let Some((&byte, rest)) = json.split_first() {
            json = match self.place {
                Place::Between => {
                    self.between(byte);
                    rest
                }
                Place::Opened => {
                    self.opened(byte);
                    rest
                }
                Place::InString => {
                    let end = memchr::memchr2(b'"', b'\\', json);
                    self.place = match end.map(|at| json[at]) {
                        Some(b'"') => Place::Between,
                        Some(_) => Place::Escaped,
                        None => Place::InString,
                    };
                    let (text, rest) = json.split_at(end.map_or(json.len(), |at| at + 1));
                    self.out.extend_from_slice(text);
                    rest
                }
                Place::Escaped => {
                    self.out.push(byte);
                    self.place = Place::InString;
                    rest
                }
            };
        }
    }

    pub fn finish(self) -> String {
        String::from_utf8(self.out).expect("JSON is UTF-8, and what is put between is ASCII")
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => {
                self.out.push(byte);
                self.place = Place::Opened;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.new_line();
                self.out.push(byte);
            }
            b',' => {
                self.out.push(byte);
                self.new_line();
            }
            b':' => self.out.extend_from_slice(b": "),
            b'"' => {
                self.out.push(byte);
                self.place = Place::InString;
            }
            byte if byte.is_ascii_whitespace() => {}
            byte => self.out.push(byte),
        }
    }

    fn opened(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() {
            return;
        }
        self.place = Place::Between;
        if matches!(byte, b'}' | b']') {
            self.out.push(byte);
            return;
        }
        self.depth += 1;
        self.new_line();
        self.between(byte);
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * self.depth, b' ');
    }
}

impl io::Write for Indented {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.push(json);
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes the white space outside strings away, so that equal objects have equal text.
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_however_it_is_cut() {
        let json = r#"{"a":[],"b":{},"c":[1,{"d":"x\"]\\","e":[ ]}],"f":"ä{[,:","g":[[null]] , "h":-1.5e3}"#;
        let expected = "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": \"x\\\"]\\\\\",\n      \"e\": []\n    }\n  ],\n  \
                        \"f\": \"ä{[,:\",\n  \"g\": [\n    [\n      null\n    ]\n  ],\n  \"h\": -1.5e3\n}";
        assert_eq!(indent(json), expected);
        for cut in 0..=json.len() {
            let mut indented = Indented::default();
            indented.push(&json.as_bytes()[..cut]);
            indented.push(&json.as_bytes()[cut..]);
            assert_eq!(indented.finish(), expected, "cut at {cut}");
        }
    }
}
