//! The text of a table: as it is written, as its file holds it, and as the kernel prints it.

/// Why a text cannot be the body of a table; the program on the host checks the rest.
pub(super) fn problem(body: &str) -> Option<&'static str> {
    if body.contains('\0') {
        return Some("has NUL in it");
    }
    let mut depth = 0_usize;
    for c in code(body) {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some("has a closing brace too many: it would end the table"),
            '}' => depth -= 1,
            _ => {}
        }
    }
    (depth > 0).then_some("has a brace that is not closed")
}

/// The characters that are neither in texts nor in comments.
fn code(body: &str) -> impl Iterator<Item = char> {
    let (mut quoted, mut comment) = (false, false);
    body.chars().filter(move |c| {
        match c {
            '\n' => comment = false,
            '"' if !comment => quoted = !quoted,
            '#' if !quoted => comment = true,
            _ => {}
        }
        !quoted && !comment && *c != '"'
    })
}

/// The file that loads the table in place of any other of its name, in one transaction. The body's lines keep their
/// numbers, for what nft says of them.
pub(super) fn file(name: &str, body: &str) -> String {
    let end = if body.ends_with('\n') { "" } else { "\n" };
    format!("{}{body}{end}}}\n", head(name))
}

fn head(name: &str) -> String {
    format!("table inet {name}; delete table inet {name}; table inet {name} {{ ")
}

/// The body in such a file; all of it, if it has another form.
pub(super) fn body_of_file(name: &str, file: &str) -> String {
    let body = file.strip_prefix(&head(name)).and_then(|rest| rest.strip_suffix("}\n"));
    body.unwrap_or(file).to_owned()
}

/// The body of what the kernel prints.
pub(super) fn body_of_listing(listing: &str) -> String {
    let lines: Vec<&str> = listing.trim_end().lines().collect();
    let inner = match lines.as_slice() {
        [first, inner @ .., "}"] if first.starts_with("table ") => inner,
        all => all,
    };
    inner.iter().map(|line| format!("{}\n", line.strip_prefix('\t').unwrap_or(line))).collect()
}

/// What the kernel prints, without what changes by itself: the elements of sets that packets or time-outs change.
pub(super) fn lasting(listing: &str) -> String {
    let mut lasting = String::new();
    let (mut changing, mut skipped) = (false, false);
    for line in listing.lines() {
        let trimmed = line.trim();
        if is_opening(trimmed) {
            changing = false;
        }
        changing |= trimmed
            .strip_prefix("flags ")
            .is_some_and(|flags| flags.contains("dynamic") || flags.contains("timeout"));
        changing |= trimmed.starts_with("timeout ");
        let begins = changing && trimmed.starts_with("elements = {");
        skipped = (skipped || begins) && {
            if trimmed.ends_with('}') {
                skipped = false;
                continue;
            }
            true
        };
        if !skipped {
            lasting.push_str(line);
            lasting.push('\n');
        }
    }
    lasting
}

/// Whether a line begins a set, a map, a chain or the like.
fn is_opening(line: &str) -> bool {
    line.ends_with('{') && !line.contains('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_bodies_are_taken() {
        for fine in ["", "chain a { }", "chain a { log prefix \"}\" # }\n }", "set s { elements = { 1, 2 } }"]
        {
            assert_eq!(problem(fine), None, "{fine}");
        }
        for bad in ["}", "chain a {", "} table inet other { ", "chain a { } }\nflush ruleset", "a\0"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_body_comes_back_out_of_its_file() {
        for body in ["chain a {\n}\n", "\n\n", "set s { type ipv4_addr; }\n"] {
            assert_eq!(body_of_file("t", &file("t", body)), body);
        }
        assert_eq!(body_of_file("t", "by hand"), "by hand");
    }

    #[test]
    fn a_listing_gives_its_body() {
        assert_eq!(
            body_of_listing("table inet t {\n\tchain a {\n\t\taccept\n\t}\n}\n"),
            "chain a {\n\taccept\n}\n"
        );
    }

    #[test]
    fn elements_that_come_and_go_are_no_change() {
        let listing = |elements: &str| {
            format!(
                "table inet t {{\n\tset a {{\n\t\ttype ipv4_addr\n\t\tflags dynamic,timeout\n{elements}\t}}\n\tset b {{\n\t\ttype ipv4_addr\n\t\telements = {{ 10.0.0.1 }}\n\t}}\n}}\n"
            )
        };
        let (none, one) = (listing(""), listing("\t\telements = { 10.0.0.1 expires 5s }\n"));
        let two = listing("\t\telements = { 10.0.0.1 expires 5s,\n\t\t\t     10.0.0.2 expires 5s }\n");
        assert_eq!(lasting(&none), none);
        assert_eq!(lasting(&one), none);
        assert_eq!(lasting(&two), none);
        assert_ne!(lasting(&listing("").replace("10.0.0.1", "10.0.0.2")), none);
    }
}
