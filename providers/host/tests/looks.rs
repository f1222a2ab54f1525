//! Looks at files and folders that fail: nothing may be taken for gone by that.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use async_trait::async_trait;
use provider::simple::Access;
use value::Value;

use super::session::host_over;
use super::support::{folder, object, text};
use crate::failure::Failure;
use crate::resource::Resource;
use crate::resources;
use crate::session::{Host, quote};
use crate::transport::{Local, Process, Stream, Transport, TransportError};

/// This machine, by a command that runs the shell in another way.
struct Instead(String);

#[async_trait]
impl Transport for Instead {
    async fn open(&self, command: &str) -> Result<Process, TransportError> {
        Local::machine().open(&format!("{} /bin/sh -c {}", self.0, quote(command))).await
    }

    async fn dial(&self, _address: &str, _port: u16) -> Result<Box<dyn Stream>, TransportError> {
        unreachable!("nothing is connected to")
    }

    async fn close(&self) {}
}

/// This machine, with programs of a folder in front of its own.
fn host(programs: &Path) -> Host {
    host_by(format!("PATH={}:$PATH", quote(&programs.display().to_string())))
}

fn host_by(way: String) -> Host {
    host_over(Box::new(Instead(way)))
}

/// Reads objects of a type at paths; none of those that are gone.
async fn read(resource: &dyn Resource, host: &Host, paths: &[&str]) -> Vec<Result<Option<Value>, Failure>> {
    let current: Vec<Value> = paths
        .iter()
        .map(|path| resource.schema().block.coerce(&object([("path", text(path))])).expect("fits the schema"))
        .collect();
    let read = resource.read_all(host, &current).await;
    read.into_iter().map(|read| read.map(|value| (!value.is_null()).then_some(value))).collect()
}

fn program(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("can be written");
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("can be set");
}

fn resource(name: &str) -> Box<dyn Resource> {
    resources::all().into_iter().find(|resource| resource.type_name() == name).expect("is offered")
}

#[tokio::test]
async fn a_program_that_cannot_look_makes_nothing_gone() {
    let (folder, programs) = (folder(), folder());
    let at = folder.path().display().to_string();
    fs::write(folder.path().join("file"), "1").expect("can be written");
    fs::create_dir(folder.path().join("folder")).expect("can be made");
    for (type_name, name) in [("host_file", "file"), ("host_directory", "folder")] {
        let resource = resource(type_name);
        let (there, gone) = (format!("{at}/{name}"), format!("{at}/none"));
        let read = |paths: Vec<String>| {
            let (resource, programs) = (&resource, programs.path());
            async move {
                let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                read(resource.as_ref(), &host(programs), &paths).await
            }
        };
        let all = || vec![there.clone(), gone.clone()];
        let found = read(all()).await;
        assert!(matches!(&found[..], [Ok(Some(_)), Ok(None)]), "{type_name}: {found:?}");

        // It cannot be started at all.
        program(programs.path(), "stat", "#!/bin/sh\necho 'stat: Argument list too long' >&2\nexit 126\n");
        let found = read(all()).await;
        for found in &found {
            let failure = found.as_ref().expect_err("nothing is known");
            assert!(
                failure.detail().contains("this machine") && failure.detail().contains("stat"),
                "{failure:?}"
            );
        }
        // It fails for one of them.
        program(programs.path(), "stat", "#!/bin/sh\necho \"stat: the disk of $5 is sick\" >&2\nexit 1\n");
        let found = read(all()).await;
        let [Err(failure), Ok(None)] = &found[..] else { panic!("{type_name}: {found:?}") };
        assert!(failure.detail().contains(&there) && failure.detail().contains("is sick"), "{failure:?}");
        fs::remove_file(programs.path().join("stat")).expect("is there");
    }
}

#[tokio::test]
async fn many_files_are_looked_at_in_parts() {
    let (folder, programs) = (folder(), folder());
    let paths: Vec<String> = (0..1100)
        .map(|n| {
            let path = folder.path().join(format!("file {n}"));
            if n % 2 == 0 {
                fs::write(&path, n.to_string()).expect("can be written");
            }
            path.display().to_string()
        })
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let found = read(resource("host_file").as_ref(), &host(programs.path()), &paths).await;
    for (n, found) in found.iter().enumerate() {
        let content = found
            .as_ref()
            .expect("can be read")
            .as_ref()
            .map(|value| value.text("content").map(str::to_owned));
        let expected = (n % 2 == 0).then(|| Some(n.to_string()));
        assert_eq!(content, expected);
    }
}

#[tokio::test]
async fn what_is_behind_a_folder_that_may_not_be_searched_wants_root() {
    let folder = folder();
    let set = |name: &str, mode| {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).expect("can be set");
    };
    set("", 0o755);
    fs::create_dir_all(folder.path().join("shut/folder")).expect("can be made");
    fs::write(folder.path().join("shut/file"), "1").expect("can be written");
    std::os::unix::fs::symlink("file", folder.path().join("shut/link")).expect("can be linked");
    set("shut", 0o600);
    // Nothing is shut to root.
    let root =
        fs::metadata(folder.path()).is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0);
    let host = host_by(if root {
        "setpriv --reuid=65534 --regid=65534 --clear-groups".into()
    } else {
        "exec".into()
    });
    let at = folder.path().display();
    for (type_name, name) in [("host_file", "file"), ("host_directory", "folder"), ("host_symlink", "link")] {
        let (hidden, gone) = (format!("{at}/shut/{name}"), format!("{at}/{name}"));
        let found = read(resource(type_name).as_ref(), &host, &[hidden.as_str(), gone.as_str()]).await;
        let [Err(failure), Ok(None)] = &found[..] else { panic!("{type_name}: {found:?}") };
        for part in ["this machine", hidden.as_str(), "may not be searched", "become = \"sudo\""] {
            assert!(failure.detail().contains(part), "{type_name}: {failure:?}");
        }
    }
}
