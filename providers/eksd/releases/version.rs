use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The version of one component of an EKS-D release: what upstream calls it, and which release it was built for.
///
/// As texts, all but the bare tag are pre-releases of semantic versioning, which sort before what they follow. So they are
/// compared by upstream's version, then by channel and number; where one of two does not say its release, nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Upstream's version: Kubernetes' own, or etcd's.
    pub core: Core,
    pub build: Build,
}

/// `1.34.9`: upstream's version without what was added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Core {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// What a version says of how it was built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Build {
    /// `v1.34.9`: upstream's tag.
    Tag,
    /// `v1.34.9-eks-1-34-21`: images' tags, and the versions of groma's components.
    Release(ReleaseId),
    /// `v1.34.9-eks-abc1234`: what a kubelet says of itself. The commit tells no order.
    Commit(String),
}

/// One release: `v1-34-eks-21`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId {
    pub channel: Channel,
    /// Grows with each release of the channel, whether or not upstream's version does.
    pub number: u32,
}

/// A release channel: Kubernetes' minor version, with a dash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    pub major: u32,
    pub minor: u32,
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VersionError {
    #[error("{0:?} is no version: it has the form v1.34.9-eks-1-34-21, or v1.34.9")]
    Version(String),
    #[error("{0:?} is no release channel: it has the form 1-34")]
    Channel(String),
}

impl Version {
    /// The release it was built for, if it says so.
    pub fn release(&self) -> Option<ReleaseId> {
        match self.build {
            Build::Release(id) => Some(id),
            Build::Tag | Build::Commit(_) => None,
        }
    }

    /// The version of the same component as a release names it.
    pub fn of_release(core: Core, release: ReleaseId) -> Self {
        Self { core, build: Build::Release(release) }
    }

    /// Whether it can be Kubernetes' version in the release that it names: the channel is Kubernetes' minor version.
    pub fn fits_channel(&self) -> bool {
        self.release()
            .is_none_or(|id| (id.channel.major, id.channel.minor) == (self.core.major, self.core.minor))
    }

    /// Whether both may be the same build: what they say of it does not contradict.
    pub fn may_equal(&self, other: &Self) -> bool {
        let same_kind = std::mem::discriminant(&self.build) == std::mem::discriminant(&other.build);
        self.core == other.core && (!same_kind || self.build == other.build)
    }
}

impl PartialOrd for Version {
    /// Nothing is known of two builds of one upstream version unless both name their release.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.core.cmp(&other.core) {
            Ordering::Equal if self.build == other.build => Some(Ordering::Equal),
            Ordering::Equal => Some(self.release()?.cmp(&other.release()?)),
            decided => Some(decided),
        }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        parse(text).ok_or_else(|| VersionError::Version(text.to_owned()))
    }
}

impl FromStr for Channel {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        text.split_once('-')
            .and_then(|(major, minor)| Some(Self { major: number(major)?, minor: number(minor)? }))
            .ok_or_else(|| VersionError::Channel(text.to_owned()))
    }
}

impl FromStr for Core {
    type Err = VersionError;

    /// Reads `v1.34.9`, with or without the `v`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        core(text).ok_or_else(|| VersionError::Version(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.build {
            Build::Tag => write!(f, "v{}", self.core),
            Build::Release(id) => write!(f, "v{}-eks-{}-{}", self.core, id.channel, id.number),
            Build::Commit(commit) => write!(f, "v{}-eks-{commit}", self.core),
        }
    }
}

impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.major, self.minor)
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}-eks-{}", self.channel, self.number)
    }
}

fn parse(text: &str) -> Option<Version> {
    let Some((tag, build)) = text.split_once("-eks-") else {
        return Some(Version { core: core(text)?, build: Build::Tag });
    };
    let build = match build.rsplit_once('-') {
        Some((channel, last)) => {
            Build::Release(ReleaseId { channel: channel.parse().ok()?, number: number(last)? })
        }
        None if is_commit(build) => Build::Commit(build.to_owned()),
        None => return None,
    };
    Some(Version { core: core(tag)?, build })
}

fn core(text: &str) -> Option<Core> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    let core =
        Core { major: number(parts.next()?)?, minor: number(parts.next()?)?, patch: number(parts.next()?)? };
    parts.next().is_none().then_some(core)
}

/// Digits only: a sign, or a zero in front, would make two texts of one number.
fn number(text: &str) -> Option<u32> {
    let fine = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    fine.then(|| text.parse().ok()).flatten()
}

fn is_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
