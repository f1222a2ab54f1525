//! Files and their paths.

mod glob;
mod path;
mod template;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use base64::Engine;
use value::{Marks, Type, Value};

use super::encoding::base64::ENGINE;
use super::hash::digest::{Algorithm, Form, digest_reader};
use super::table::{Call, Core, function};
use super::text::{quoted, text};
use super::{CallContext, FunctionError, Parameter};

/// The longest file whose content becomes a string, in bytes.
const MAX_FILE: u64 = 256 << 20;

pub(super) fn functions() -> Vec<Core> {
    let path = || Parameter::new("path", Type::String);
    let mut functions = vec![
        function("abspath", "Makes a path absolute.")
            .with(path())
            .returns(Type::String, |call| path::absolute(call.str(0)?).map(text)),
        function("basename", "Gives the last part of a path.")
            .with(path())
            .returns(Type::String, |call| Ok(text(path::basename(call.str(0)?)))),
        function("dirname", "Gives a path without its last part.")
            .with(path())
            .returns(Type::String, |call| Ok(text(path::dirname(call.str(0)?)))),
        function("file", "Reads a file of UTF-8 text.").with(path().marked()).returns(Type::String, file),
        function("filebase64", "Reads a file and encodes its content in Base64.")
            .with(path().marked())
            .returns(Type::String, filebase64),
        function("fileexists", "Tells whether a file exists.")
            .with(path().marked())
            .returns(Type::Bool, fileexists),
        function("fileset", "Lists files below a folder whose paths match a pattern.")
            .with(path().marked())
            .with(Parameter::new("pattern", Type::String).marked())
            .returns(Type::set(Type::String), fileset),
        function("pathexpand", "Replaces a leading ~ of a path by the home folder.")
            .with(path())
            .returns(Type::String, |call| path::expand_home(call.context, call.str(0)?).map(text)),
    ];
    functions.extend([
        file_hash(
            "filebase64sha256",
            "Gives the SHA-256 hash of a file in Base64.",
            Algorithm::Sha256,
            Form::Base64,
        ),
        file_hash(
            "filebase64sha512",
            "Gives the SHA-512 hash of a file in Base64.",
            Algorithm::Sha512,
            Form::Base64,
        ),
        file_hash("filemd5", "Gives the MD5 hash of a file in hexadecimal.", Algorithm::Md5, Form::Hex),
        file_hash("filesha1", "Gives the SHA-1 hash of a file in hexadecimal.", Algorithm::Sha1, Form::Hex),
        file_hash(
            "filesha256",
            "Gives the SHA-256 hash of a file in hexadecimal.",
            Algorithm::Sha256,
            Form::Hex,
        ),
        file_hash(
            "filesha512",
            "Gives the SHA-512 hash of a file in hexadecimal.",
            Algorithm::Sha512,
            Form::Hex,
        ),
    ]);
    functions.extend(template::functions());
    functions
}

fn file_hash(name: &'static str, description: &'static str, algorithm: Algorithm, form: Form) -> Core {
    function(name, description).with(Parameter::new("path", Type::String)).returns(
        Type::String,
        move |call| {
            let (shown, opened) = path::locate(call.context, call.str(0)?)?;
            let open_error = |e: io::Error| FunctionError::new(format!("open {shown}: {}", reason(&e)));
            let read_error = |e: io::Error| FunctionError::new(format!("read {shown}: {}", reason(&e)));
            let file = File::open(opened).map_err(open_error)?;
            // What is no regular file, such as a device, may never end.
            let limit = if file.metadata().is_ok_and(|m| m.is_file()) { u64::MAX } else { MAX_FILE };
            digest_reader(file.take(limit), algorithm, form).map(text).map_err(read_error)
        },
    )
}

fn file(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arg(0)?.marks();
    Ok(text(read_text(call.context, call.str(0)?, marks)?).mark(marks))
}

fn filebase64(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arg(0)?.marks();
    let content = read_file(call.context, call.str(0)?, marks).map_err(|e| e.of_argument(0))?;
    Ok(text(ENGINE.encode(content)).mark(marks))
}

/// Reads a file of text; `marks` are those of its path, which is not shown if it is sensitive.
fn read_text(context: &CallContext, path: &str, marks: Marks) -> Result<String, FunctionError> {
    let content = read_file(context, path, marks).map_err(|e| e.of_argument(0))?;
    String::from_utf8(content).map_err(|_| {
        FunctionError::new(format!(
            "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or \
             the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            shown_path(path, marks)
        ))
    })
}

fn read_file(context: &CallContext, path: &str, marks: Marks) -> Result<Vec<u8>, FunctionError> {
    let (cleaned, opened) = path::locate(context, path)?;
    let file = File::open(opened).map_err(|e| {
        if e.kind() == io::ErrorKind::NotFound {
            return FunctionError::new(format!(
                "no file exists at {}; this function works only with files that are distributed as part of the \
                 configuration source code, so if this file will be created by a resource in this configuration you \
                 must instead obtain this result from an attribute of that resource",
                shown_path(path, marks)
            ));
        }
        FunctionError::new(format!("open {}: {}", plain_path(&cleaned, marks), reason(&e)))
    })?;
    let mut content = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut content).map_err(|e| {
        let path = plain_path(&cleaned, marks);
        FunctionError::new(format!("failed to read file: read {path}: {}", reason(&e)))
    })?;
    if u64::try_from(content.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(FunctionError::new(format!("the file is longer than {} MiB", MAX_FILE >> 20)));
    }
    Ok(content)
}

fn fileexists(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arg(0)?.marks();
    let (cleaned, opened) = path::locate(call.context, call.str(0)?)?;
    let shown = shown_path(&cleaned, marks);
    match std::fs::metadata(opened) {
        Ok(metadata) if metadata.is_file() => Ok(Value::bool(true).mark(marks)),
        Ok(metadata) => Err(FunctionError::new(format!("{shown} is {}", other_kind(&metadata)))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Value::bool(false).mark(marks)),
        Err(_) => Err(FunctionError::new(format!("failed to stat {shown}"))),
    }
}

/// What there is in place of a regular file.
fn other_kind(metadata: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_block_device() || kind.is_char_device() {
            return "a device node, not a regular file";
        }
        if kind.is_fifo() {
            return "a named pipe, not a regular file";
        }
        if kind.is_socket() {
            return "a unix domain socket, not a regular file";
        }
    }
    if metadata.is_dir() { "a directory, not a file" } else { "not a regular file" }
}

/// Paths are relative to the folder, with slashes.
fn fileset(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (folder, pattern) = (call.str(0)?, call.str(1)?);
    let marks = call.arg(0)?.marks() | call.arg(1)?.marks();
    let base = call.context.base_dir.join(Path::new(&path::clean(folder)));
    let found = glob::find(&base, pattern).map_err(|e| {
        let whole = shown_path(&path::clean(&format!("{folder}/{pattern}")), marks);
        FunctionError::new(format!("failed to glob pattern {whole}: {e}"))
    })?;
    let paths = found.into_iter().map(text).collect();
    Ok(Value::set(Type::String, paths).mark(marks))
}

fn shown_path(path: &str, marks: Marks) -> String {
    if marks.is_sensitive() { "(sensitive value)".to_owned() } else { quoted(path) }
}

fn plain_path(path: &str, marks: Marks) -> &str {
    if marks.is_sensitive() { "(sensitive value)" } else { path }
}

/// What went wrong, in the words of the C library.
fn reason(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        _ => e.to_string(),
    }
}
