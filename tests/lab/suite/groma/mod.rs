//! groma itself against real hosts: faults in the middle of an apply, what is said of wrong settings, secrets.

mod adopt;
mod cluster;
mod drained;
mod drift;
mod faults;
mod hardening;
mod kills;
mod late;
mod load;
mod local_dev;
mod members;
mod messages;
mod numbers;
mod onprem;
mod outside;
mod raise;
mod reload;
mod restore;
mod rotation;
mod secrets;
mod site;
mod upgrade;
mod work;
mod workload;
