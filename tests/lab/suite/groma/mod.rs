//! groma itself against real hosts: faults in the middle of an apply, what is said of wrong settings, secrets.

mod faults;
mod messages;
mod secrets;
mod work;
