//! What the releases are made of: the versions that EKS-D's own releases of these numbers name.

/// One release of a channel.
#[derive(Debug)]
pub struct Release {
    pub channel: &'static str,
    pub number: u32,
    /// Ours: when the real one was published is not part of what is rebuilt.
    pub date: &'static str,
    pub kubernetes: &'static str,
    pub etcd: &'static str,
    pub coredns: &'static str,
    pub cni_plugins: &'static str,
    /// EKS-D names v0.7.18-cvefix, whose patches are its own: this is the tag that they are made to.
    pub aws_iam_authenticator: &'static str,
}

/// A channel's newest release stands last. 1-34-22 is a rebuild of 1-34-21: the same versions, other binaries.
pub const RELEASES: [Release; 3] = [
    Release {
        channel: "1-34",
        number: 21,
        date: "2026-07-28T00:00:00Z",
        kubernetes: "v1.34.9",
        etcd: "v3.5.21",
        coredns: "v1.14.3",
        cni_plugins: "v1.9.1",
        aws_iam_authenticator: "v0.7.18",
    },
    Release {
        channel: "1-33",
        number: 31,
        date: "2026-07-28T00:00:00Z",
        kubernetes: "v1.33.13",
        etcd: "v3.5.21",
        coredns: "v1.14.3",
        cni_plugins: "v1.9.1",
        aws_iam_authenticator: "v0.7.18",
    },
    Release {
        channel: "1-34",
        number: 22,
        date: "2026-08-17T00:00:00Z",
        kubernetes: "v1.34.9",
        etcd: "v3.5.21",
        coredns: "v1.14.3",
        cni_plugins: "v1.9.1",
        aws_iam_authenticator: "v0.7.18",
    },
];

impl Release {
    /// The `-eks-1-34-21` that versions of the release end with.
    pub fn suffix(&self) -> String {
        format!("-eks-{}-{}", self.channel, self.number)
    }

    /// The minor version of Kubernetes.
    pub fn minor(&self) -> &'static str {
        self.channel.split_once('-').map_or(self.channel, |(_, minor)| minor)
    }
}
