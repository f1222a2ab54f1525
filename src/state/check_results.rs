/// What a condition came to when it was last evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    Pass,
    Fail,
    Error,
    Unknown,
}

/// What kind of object holds the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    Resource,
    Output,
    Check,
    Variable,
}

/// The conditions of one configuration object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    pub kind: CheckKind,
    /// E.g. `check.health`, `module.a.aws_vpc.main`.
    pub config_address: String,
    pub status: CheckStatus,
    pub objects: Vec<CheckObject>,
}

/// The conditions of one instance of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckObject {
    pub address: String,
    pub status: CheckStatus,
    pub failure_messages: Vec<String>,
}
