//! The programs of a release, and how each is built.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::archive::digest_of;
use super::go::{Go, Module, Wanted};
use super::pins::Release;
use crate::cargo::root;

/// Where the programs of a release are.
pub struct Programs {
    pub kubernetes: PathBuf,
    pub etcd: PathBuf,
    pub cni_plugins: PathBuf,
    pub coredns: PathBuf,
    pub aws_iam_authenticator: PathBuf,
    pub pause: PathBuf,
    /// The commits that versions were tagged at.
    pub kubernetes_commit: String,
}

/// What is built of Kubernetes, what others wait for first.
pub const KUBERNETES: [&str; 7] = [
    "kube-apiserver",
    "kubelet",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubectl",
    "kubeadm",
];

/// Builds what is not there yet.
pub fn build(go: &Go, built: &Path, release: &Release) -> Result<Programs> {
    let builder = Builder { go, built };
    let etcd = builder.etcd(release)?;
    let (kubernetes, kubernetes_commit) = builder.kubernetes(release)?;
    Ok(Programs {
        kubernetes,
        etcd,
        cni_plugins: builder.cni_plugins(release)?,
        coredns: builder.coredns(release)?,
        aws_iam_authenticator: builder.aws_iam_authenticator(release)?,
        pause: builder.pause()?,
        kubernetes_commit,
    })
}

struct Builder<'a> {
    go: &'a Go,
    built: &'a Path,
}

impl Builder<'_> {
    fn etcd(&self, release: &Release) -> Result<PathBuf> {
        let version = release.etcd;
        let flags = format!("-X go.etcd.io/etcd/api/v3/version.GitSHA={}", patched(version, release));
        let folder = self.folder("etcd", version, &flags)?;
        for (program, module) in [("etcd", "server"), ("etcdctl", "etcdctl"), ("etcdutl", "etcdutl")] {
            let path = format!("go.etcd.io/etcd/{module}/v3");
            let module = self.go.module(&Wanted { path: &path, version, neighbours: version })?;
            self.go.build(&module, ".", &flags, &folder.join(program))?;
        }
        Ok(folder)
    }

    /// The kubelet reports `v1.34.9-eks-` and the commit that EKS-D's patches make; here it is made of what tells releases
    /// apart, for there are no patches.
    fn kubernetes(&self, release: &Release) -> Result<(PathBuf, String)> {
        let version = release.kubernetes;
        let neighbours = version.replacen("v1.", "v0.", 1);
        let wanted = Wanted { path: "k8s.io/kubernetes", version, neighbours: &neighbours };
        let module = self.go.module(&wanted)?;
        let Module { commit, time, .. } = &module;
        let says = [
            ("gitVersion", format!("{version}-eks-{}", patched(version, release))),
            ("gitMajor", "1".into()),
            ("gitMinor", release.minor().into()),
            ("gitCommit", commit.clone()),
            ("gitTreeState", "archive".into()),
            ("buildDate", time.clone()),
        ];
        let mut flags = String::new();
        for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
            for (name, value) in &says {
                flags.push_str(&format!("-X {package}.{name}={value} "));
            }
        }
        let folder = self.folder("kubernetes", version, &flags)?;
        for program in KUBERNETES {
            self.go.build(&module, &format!("./cmd/{program}"), &flags, &folder.join(program))?;
        }
        Ok((folder, module.commit))
    }

    fn cni_plugins(&self, release: &Release) -> Result<PathBuf> {
        let version = release.cni_plugins;
        let path = "github.com/containernetworking/plugins";
        let flags = format!("-X {path}/pkg/utils/buildversion.BuildVersion={version}");
        let module = self.go.module(&Wanted { path, version, neighbours: version })?;
        let folder = self.folder("cni-plugins", version, &flags)?;
        for plugin in CNI_PLUGINS {
            let (_, program) = plugin.split_once('/').unwrap_or(("", plugin));
            self.go.build(&module, &format!("./plugins/{plugin}"), &flags, &folder.join(program))?;
        }
        Ok(folder)
    }

    fn coredns(&self, release: &Release) -> Result<PathBuf> {
        let version = release.coredns;
        let path = "github.com/coredns/coredns";
        let module = self.go.module(&Wanted { path, version, neighbours: version })?;
        let flags = format!("-X {path}/coremain.GitCommit={}", &module.commit[..7]);
        let folder = self.folder("coredns", version, &flags)?;
        self.go.build(&module, ".", &flags, &folder.join("coredns"))?;
        Ok(folder)
    }

    fn aws_iam_authenticator(&self, release: &Release) -> Result<PathBuf> {
        let version = release.aws_iam_authenticator;
        let path = "sigs.k8s.io/aws-iam-authenticator";
        let module = self.go.module(&Wanted { path, version, neighbours: version })?;
        let flags = format!(
            "-X {path}/pkg.Version={version} -X {path}/pkg.CommitID={} -X {path}/pkg.BuildDate={}",
            module.commit, module.time
        );
        let folder = self.folder("aws-iam-authenticator", version, &flags)?;
        self.go.build(
            &module,
            "./cmd/aws-iam-authenticator",
            &flags,
            &folder.join("aws-iam-authenticator"),
        )?;
        Ok(folder)
    }

    fn pause(&self) -> Result<PathBuf> {
        let source = root().join("xtask").join("mirror").join("pause");
        let content = fs::read(source.join("main.go"))?;
        let folder = self.folder("pause", "own", &digest_of(&content))?;
        self.go.build_in(&source, ".", "", &folder.join("pause"))?;
        Ok(folder)
    }

    /// Where programs of a version are put, keyed by all that decides what they are.
    fn folder(&self, name: &str, version: &str, flags: &str) -> Result<PathBuf> {
        let key = digest_of(format!("{LAYOUT} {} {flags}", self.go.version).as_bytes());
        let folder = self.built.join(format!("{name}-{version}-{}", &key[..12]));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Seven digits that stand for the commit of a release's patches.
fn patched(version: &str, release: &Release) -> String {
    let mut digits = digest_of(format!("{version} {} {}", release.channel, release.number).as_bytes());
    digits.truncate(7);
    digits
}

const CNI_PLUGINS: [&str; 18] = [
    "ipam/dhcp",
    "ipam/host-local",
    "ipam/static",
    "main/bridge",
    "main/dummy",
    "main/host-device",
    "main/ipvlan",
    "main/loopback",
    "main/macvlan",
    "main/ptp",
    "main/tap",
    "main/vlan",
    "meta/bandwidth",
    "meta/firewall",
    "meta/portmap",
    "meta/sbr",
    "meta/tuning",
    "meta/vrf",
];

/// Raised when programs must be built anew though nothing else says so.
const LAYOUT: u32 = 1;
