//! groma itself against real hosts: faults in the middle of an apply, what is said of wrong settings, secrets.

mod cluster;
mod drift;
mod faults;
mod kills;
mod late;
mod load;
mod local_dev;
mod messages;
mod numbers;
mod onprem;
mod secrets;
mod upgrade;
mod work;
