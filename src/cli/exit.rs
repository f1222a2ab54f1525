/// The exit codes, as Terraform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Success = 0,
    /// An error, or the user declined.
    Error = 1,
    /// `plan -detailed-exitcode`: success, and there is something to change. Also `fmt` with bad arguments.
    Changes = 2,
    /// `fmt -check`: some files are not formatted.
    Unformatted = 3,
}
