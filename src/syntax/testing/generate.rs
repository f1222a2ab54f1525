//! Valid files made from arbitrary choices, with untidy white space.

/// Which forms may appear.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Forms {
    All,
    /// Those on which hcl-edit agrees with the language.
    Common,
}

/// Writes text, each choice decided by the next byte; when there are no more, the first option is taken.
pub(super) struct Generator<'a> {
    choices: std::slice::Iter<'a, u8>,
    forms: Forms,
    names: u32,
}

const NAMES: [&str; 8] = ["a", "foo", "long_name", "x-y", "in", "_z", "var", "é"];

impl<'a> Generator<'a> {
    pub(super) fn new(choices: &'a [u8], forms: Forms) -> Self {
        Self { choices: choices.iter(), forms, names: 0 }
    }

    fn choose(&mut self, options: usize) -> usize {
        self.choices.next().map_or(0, |byte| usize::from(*byte) % options)
    }

    fn pick<'t, const N: usize>(&mut self, options: [&'t str; N]) -> &'t str {
        options[self.choose(N)]
    }

    fn blank(&mut self) -> &'static str {
        self.pick([" ", "", "  ", "\t"])
    }

    /// White space where newlines do not count.
    fn free_blank(&mut self) -> &'static str {
        self.pick(["", " ", "\n", " # c\n", "\n\n  ", "/* d */", " // e\n"])
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.choose(NAMES.len())]
    }

    /// A name that is used once only.
    fn new_name(&mut self) -> String {
        self.names += 1;
        let name = self.name();
        format!("{name}{}", self.names)
    }

    pub(super) fn file(&mut self) -> String {
        self.items(3)
    }

    fn items(&mut self, depth: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.choose(5) {
            text += &match self.choose(6) {
                0..=2 => self.attribute(),
                3 if depth > 0 => self.block(depth - 1),
                4 => self.pick(["\n", "\n\n", "  \n"]).into(),
                _ => self.pick(["# c\n", "  // d  \n", "/* e\n  f */\n", "#\n"]).into(),
            };
        }
        text
    }

    fn attribute(&mut self) -> String {
        let (before, name, equal) = (self.blank(), self.new_name(), self.blank());
        let depth = self.choose(4);
        let value = if self.choose(8) == 7 { self.heredoc() } else { self.expression(depth) };
        let end =
            if value.starts_with("<<") { "\n" } else { self.pick(["\n", " # c\n", "  \n", "/* d */\n"]) };
        format!("{before}{name}{equal}={}{value}{end}", self.blank())
    }

    fn block(&mut self, depth: usize) -> String {
        let mut text = format!("{}{}", self.blank(), self.pick(["resource", "variable", "b"]));
        for _ in 0..self.choose(3) {
            text += self.pick([" \"l\"", "  bare", " \"w x\""]);
        }
        text += self.blank();
        match self.choose(4) {
            0 => format!("{text}{{{}}}\n", self.blank()),
            1 => format!("{text}{{ {}={}{} }}\n", self.new_name(), self.blank(), self.expression(1)),
            _ => format!("{text}{{\n{}{}}}\n", self.items(depth), self.blank()),
        }
    }

    fn heredoc(&mut self) -> String {
        let dash = if self.forms == Forms::All { self.pick(["", "-"]) } else { "" };
        let first = if self.forms == Forms::All { "" } else { "first\n" };
        let mut text = format!("<<{dash}EOT\n{first}");
        for _ in 0..self.choose(4) {
            text += self.pick(["", "  ", "    ", "\t"]);
            text += &match self.choose(4) {
                0 => String::new(),
                1 => format!("${{ {} }}", self.expression(1)),
                2 if self.forms == Forms::All => format!("%{{ if {} ~}}x%{{ endif }}", self.name()),
                _ => self.pick(["text", "a = { [", "é $${x}", "# no comment"]).into(),
            };
            text += "\n";
        }
        text + self.pick(["", "  "]) + "EOT"
    }

    fn template(&mut self, depth: usize) -> String {
        let mut text = String::from("\"");
        for _ in 0..self.choose(4) {
            text += &match self.choose(6) {
                0 => "a b".into(),
                1 => format!("${{{}}}", self.free_expression(depth)),
                2 if self.forms == Forms::All => format!("${{~ {} ~}}", self.expression(0)),
                3 if self.forms == Forms::All => {
                    format!("%{{ if {} }}\\n%{{ else }}z%{{ endif }}", self.expression(0))
                }
                4 => format!("%{{ for k, v in {} }}x${{k}}%{{ endfor }}", self.name()),
                _ => self.pick(["\\n", "\\\"", "$${y}", "%%{z}", "é", "\\\\"]).into(),
            };
        }
        text + "\""
    }

    fn free_expression(&mut self, depth: usize) -> String {
        format!("{}{}{}", self.free_blank(), self.expression(depth), self.free_blank())
    }

    fn list(&mut self, depth: usize) -> String {
        let items: Vec<_> = (0..self.choose(4)).map(|_| self.free_expression(depth)).collect();
        let comma = if items.is_empty() { "" } else { self.pick(["", ","]) };
        items.join(",") + comma + self.free_blank()
    }

    fn object(&mut self, depth: usize) -> String {
        let lines = self.choose(2) == 0;
        let mut items = Vec::new();
        for _ in 0..self.choose(4) {
            let new = self.new_name();
            let key = match self.choose(5) {
                0 => format!("\"{new} x\""),
                1 => format!("({new})"),
                2 => format!("\"${{{new}}}y\""),
                3 if self.forms == Forms::All => self.pick(["null", "a", "1"]).into(),
                _ => new,
            };
            let separator = self.pick(["=", " = ", ":"]);
            items.push(format!("{}{key}{separator} {}", self.blank(), self.expression(depth)));
        }
        if lines {
            let items: String =
                items.iter().map(|item| format!("{item}{}", self.pick(["\n", ",\n", " # c\n"]))).collect();
            format!("{{\n{items}}}")
        } else {
            format!("{{{}{}}}", items.join(","), self.blank())
        }
    }

    fn expression(&mut self, depth: usize) -> String {
        let options = if depth == 0 { 5 } else { 19 };
        let deeper = depth.saturating_sub(1);
        match self.choose(options) {
            0 => self.name().into(),
            1 => self.pick(["1", "23", "1.5"]).into(),
            2 => self.pick(["true", "false", "null"]).into(),
            3 => self.pick(["\"\"", "\"s\"", "\"hello world\""]).into(),
            4 => format!("{}.{}", self.name(), self.name()),
            5 => self.template(deeper),
            6 => format!("-{}{}", self.blank(), self.expression(0)),
            7 => format!("!{}", self.expression(0)),
            8 | 9 => {
                let operator =
                    self.pick(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]);
                format!("{} {operator} {}", self.expression(deeper), self.expression(deeper))
            }
            10 => format!("({})", self.free_expression(deeper)),
            11 => {
                let (a, b, c) = (self.expression(deeper), self.expression(deeper), self.expression(deeper));
                format!("{a} ?{}{b} : {c}", self.blank())
            }
            12 => format!("[{}]", self.list(deeper)),
            13 => self.object(deeper),
            14 => {
                let name = self.pick(["f", "length", "provider::x::y"]);
                format!("{name}({})", self.list(deeper))
            }
            15 => format!("f({}...)", self.expression(deeper)),
            16 => {
                let index = self.pick(["[k.l]", "[*]", ".*", "[0]", "[\"k\"]"]);
                format!("{}{index}{}", self.name(), self.pick(["", ".b", ".b.0", ".c[0]"]))
            }
            17 => {
                let condition = self.pick(["", " if x", " if x > 1"]);
                format!(
                    "[for x in {} : {}{condition}]",
                    self.free_expression(deeper),
                    self.expression(deeper)
                )
            }
            _ => {
                let group = self.pick(["", "..."]);
                let collection = self.expression(deeper);
                format!("{{for k, v in {collection} : k => {}{group}}}", self.free_expression(deeper))
            }
        }
    }
}
