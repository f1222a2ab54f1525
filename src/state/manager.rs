//! Where the state is kept: a file with its lock, backup and journal.
