//! The resource types, one a file.

mod accounts;
mod archive;
mod authorized_key;
mod command;
mod directory;
mod download;
mod file;
mod firewall;
mod group;
mod hostname;
mod hosts_entry;
mod kernel_module;
mod machine;
mod mount;
mod network;
mod package;
mod package_repository;
mod reboot;
mod route;
mod service;
mod swap;
mod symlink;
mod sysctl;
mod timezone;
mod user;

pub use package::Package;

pub use self::file::digest;
use crate::resource::Resource;

mod review;

pub(crate) use review::review;

pub(crate) fn all() -> Vec<Box<dyn Resource>> {
    vec![
        Box::new(archive::Archive),
        Box::new(authorized_key::AuthorizedKey),
        Box::new(command::HostCommand),
        Box::new(directory::Directory),
        Box::new(download::Download),
        Box::new(file::File),
        Box::new(firewall::Firewall),
        Box::new(group::Group),
        Box::new(hostname::Hostname),
        Box::new(hosts_entry::HostsEntry),
        Box::new(kernel_module::KernelModule),
        Box::new(machine::Machine),
        Box::new(mount::Mount),
        Box::new(network::HostNetwork),
        Box::new(package::Package),
        Box::new(package_repository::PackageRepository),
        Box::new(reboot::Reboot),
        Box::new(route::Route),
        Box::new(service::Service),
        Box::new(swap::Swap),
        Box::new(symlink::Symlink),
        Box::new(sysctl::Sysctl),
        Box::new(timezone::Timezone),
        Box::new(user::User),
    ]
}
