//! Tests of the resources over the transports that need no other machine: a folder as a host, and this machine.

mod accounts;
mod authorized_key;
mod conformance;
mod files;
mod firewall;
mod hosts_entry;
mod kernel;
mod lab;
mod lab_accounts;
mod lab_firewall;
mod lab_kernel;
mod lab_network;
mod lab_package;
mod lab_reboot;
mod lab_repository;
mod lab_route;
mod lab_service;
mod names;
mod network;
mod package;
mod package_repository;
mod reboot;
mod route;
mod service;
mod session;
mod support;
