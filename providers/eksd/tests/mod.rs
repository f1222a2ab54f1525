//! Tests over the transports that need no other machine (a folder as a host, and this machine), and on real hosts.

mod certificates;
mod cluster;
mod conformance;
mod lab;
mod lab_control_plane;
mod lab_etcd;
mod lab_node;
mod pki;
mod programs;
mod support;
mod units;
