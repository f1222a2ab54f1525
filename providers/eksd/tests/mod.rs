mod conformance;
mod support;
mod units;
