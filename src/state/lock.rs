/// Who holds the state, as written to `.NAME.lock.info` and shown to whoever has to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LockInfo {
    #[serde(rename = "ID")]
    pub id: String,
    pub operation: String,
    pub info: String,
    /// `user@host`
    pub who: String,
    pub version: String,
    /// RFC 3339.
    pub created: String,
    pub path: String,
}
