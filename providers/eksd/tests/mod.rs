mod certificates;
mod conformance;
mod lab;
mod lab_etcd;
mod support;
mod units;
