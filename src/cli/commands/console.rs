use std::io::{BufRead, IsTerminal, Write};

use diag::Diagnostics;
use engine::{ConsoleRequest, console_scope};
use lang::{console_type_argument, evaluate};
use value::format;

use crate::cli::arguments::{ConsoleArgs, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;

/// `groma console`: a prompt on a terminal; else every line is evaluated and printed.
pub async fn run(context: &Context, args: &ConsoleArgs) -> Result<Exit, Failed> {
    let (config, found) = context.try_load_config();
    context.show(&found)?;
    let files = StateFile { state: args.state.clone(), ..StateFile::default() };
    let state = context.read_state(&context.state(&config, &files)?)?.state;
    let operation = context.operation(config, context.prompting(true))?;
    let (scope, found) = console_scope(ConsoleRequest { operation, state }).await;
    context.show(&found)?;
    let interactive = std::io::stdin().is_terminal();
    let mut failed = false;
    let mut pending = String::new();
    loop {
        if interactive {
            let prompt = if pending.is_empty() { "> " } else { ": " };
            context.streams.out(prompt);
            let _ = std::io::stdout().flush();
        }
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        pending.push_str(&line);
        if is_open(&pending) {
            continue;
        }
        let text = std::mem::take(&mut pending);
        match text.trim() {
            "" => {}
            "exit" | "quit" => break,
            "help" => context.streams.out(HELP),
            expression => failed |= !show(context, expression, &scope),
        }
    }
    Ok(if failed && !interactive { Exit::Error } else { Exit::Success })
}

fn show(context: &Context, text: &str, scope: &dyn lang::Scope) -> bool {
    let file = context.sources.add("<console-input>", text);
    let (expression, mut found) = syntax::parse_expression(file, text);
    let mut rendered = None;
    if !found.has_errors() {
        let type_of = console_type_argument(&expression);
        let (value, diagnostics): (_, Diagnostics) = evaluate(type_of.unwrap_or(&expression), scope);
        found.extend(diagnostics);
        rendered = (!found.has_errors()).then(|| match type_of {
            Some(_) => format::type_expression(&value.ty()),
            None => format::console(&value, 0),
        });
    }
    context.view.diagnostics(&found, &context.sources);
    if let Some(text) = rendered {
        context.streams.line(text);
        return true;
    }
    false
}

/// True while brackets are open: the expression goes on in the next line.
fn is_open(text: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

const HELP: &str = "The groma console evaluates expressions against the configuration and the state.\n\nType an expression and press Enter to see its value, for example length(var.names).\nType \"exit\" or press Ctrl-D to leave.\n";
