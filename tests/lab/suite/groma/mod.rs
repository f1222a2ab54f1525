//! groma itself against real hosts: faults in the middle of an apply, what is said of wrong settings, secrets.

mod cluster;
mod drift;
mod faults;
mod late;
mod messages;
mod onprem;
mod secrets;
mod work;
