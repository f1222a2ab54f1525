mod certificates;
mod conformance;
mod lab;
mod lab_control_plane;
mod lab_etcd;
mod lab_node;
mod support;
mod units;
