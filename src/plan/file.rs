//! The saved plan file.
