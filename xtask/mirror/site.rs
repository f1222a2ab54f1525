//! The folder laid out as the official site is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::archive::{Entry, Sums, made, sums, tar_gz};
use super::image::{self, Image};
use super::manifest::{self, Asset, Component, Payload};
use super::pins::Release;
use super::projects::{KUBERNETES, Programs};

/// Lays out a release, its manifest last, and returns the manifest's path.
pub fn lay_out(site: &Path, release: &Release, programs: &Programs) -> Result<PathBuf> {
    let channel = site.join(format!("kubernetes-{}", release.channel));
    let artifacts = channel.join("releases").join(release.number.to_string()).join("artifacts");
    let layout = Layout { release, artifacts };
    let components = [
        layout.kubernetes(programs)?,
        layout.kube_proxy(programs)?,
        layout.etcd(programs)?,
        layout.coredns(programs)?,
        layout.cni_plugins(programs)?,
        layout.aws_iam_authenticator(programs)?,
    ];
    layout.sum_projects()?;
    let path = channel.join(format!("kubernetes-{}-eks-{}.yaml", release.channel, release.number));
    write(&path, &manifest::release(release, &components))?;
    Ok(path)
}

/// Writes a channel's file.
pub fn channel(site: &Path, channel: &str, latest: u32) -> Result<()> {
    write(&site.join("releasechannels").join(format!("{channel}.yaml")), &manifest::channel(channel, latest))
}

struct Layout<'a> {
    release: &'a Release,
    artifacts: PathBuf,
}

impl Layout<'_> {
    fn kubernetes(&self, programs: &Programs) -> Result<Component> {
        let tag = self.release.kubernetes;
        let mut assets = Vec::new();
        for program in KUBERNETES.into_iter().filter(|program| *program != "kube-proxy") {
            assets.push(self.kubernetes_program(programs, program)?);
        }
        let program = programs.pause.join("pause");
        let image = Image {
            uri: &self.image("kubernetes/pause", tag),
            program: &program,
            name: "pause",
            user: "65535:65535",
        };
        assets.extend(self.image_assets(&image, "kubernetes", tag)?);
        Ok(Component {
            name: "kubernetes",
            tag: tag.into(),
            commit: Some(programs.kubernetes_commit.clone()),
            assets,
        })
    }

    fn kube_proxy(&self, programs: &Programs) -> Result<Component> {
        let assets = vec![self.kubernetes_program(programs, "kube-proxy")?];
        Ok(Component { name: "kube-proxy", tag: self.release.kubernetes.into(), commit: None, assets })
    }

    fn etcd(&self, programs: &Programs) -> Result<Component> {
        self.tarball("etcd", "etcd", self.release.etcd, &programs.etcd)
    }

    fn coredns(&self, programs: &Programs) -> Result<Component> {
        let tag = self.release.coredns;
        let program = programs.coredns.join("coredns");
        let image =
            Image { uri: &self.image("coredns/coredns", tag), program: &program, name: "coredns", user: "0" };
        let assets = self.image_assets(&image, "coredns", tag)?.into();
        Ok(Component { name: "coredns", tag: tag.into(), commit: None, assets })
    }

    fn cni_plugins(&self, programs: &Programs) -> Result<Component> {
        self.tarball("cni-plugins", "plugins", self.release.cni_plugins, &programs.cni_plugins)
    }

    fn aws_iam_authenticator(&self, programs: &Programs) -> Result<Component> {
        let name = "aws-iam-authenticator";
        self.tarball(name, name, self.release.aws_iam_authenticator, &programs.aws_iam_authenticator)
    }

    fn kubernetes_program(&self, programs: &Programs, program: &str) -> Result<Asset> {
        let file = format!("bin/linux/amd64/{program}");
        let description = format!("{program} binary for linux/amd64");
        let from = programs.kubernetes.join(program);
        self.asset("kubernetes", self.release.kubernetes, &file, description, &from)
    }

    /// All programs of a folder, at the top of a tarball.
    fn tarball(&self, name: &'static str, project: &str, tag: &str, programs: &Path) -> Result<Component> {
        let file = format!("{name}-linux-amd64-{tag}.tar.gz");
        let description = format!("{name} tarball for linux/amd64");
        let tarball = beside(programs, ".tar.gz");
        made(&tarball, |file| {
            let mut found = BTreeMap::new();
            for entry in fs::read_dir(programs)? {
                let entry = entry?;
                let name = format!("./{}", entry.file_name().to_string_lossy());
                found.insert(name, fs::read(entry.path())?);
            }
            let mut entries = vec![Entry { name: "./", content: Vec::new(), mode: 0o755 }];
            let programs = found.iter();
            entries.extend(programs.map(|(name, content)| Entry {
                name,
                content: content.clone(),
                mode: 0o755,
            }));
            tar_gz(file, &entries)
        })?;
        let asset = self.asset(project, tag, &file, description, &tarball)?;
        Ok(Component { name, tag: tag.into(), commit: None, assets: vec![asset] })
    }

    /// An image, and the archive that it can be imported from: the official site has such archives of Kubernetes' own images
    /// alone, for all others are in its registry.
    fn image_assets(&self, image: &Image<'_>, project: &str, tag: &str) -> Result<[Asset; 2]> {
        let file = format!("bin/linux/amd64/{}.tar", image.name);
        let tarball = beside(image.program, &format!("-{tag}{}.tar", self.release.suffix()));
        let written = beside(&tarball, ".digest");
        if !written.exists() {
            write(&written, &image::archive(image, &tarball)?)?;
        }
        let digest = fs::read_to_string(written)?;
        let description = format!("{} linux/amd64 OCI image tar", image.name);
        let archive = self.asset(project, tag, &file, description, &tarball)?;
        let payload = Payload::Image { uri: image.uri.into(), digest };
        let description = format!("{} container image", image.name);
        Ok([archive, Asset { name: format!("{}-image", image.name), description, payload }])
    }

    fn image(&self, name: &str, tag: &str) -> String {
        format!("public.ecr.aws/eks-distro/{name}:{tag}{}", self.release.suffix())
    }

    /// Puts a file into its place, and its sums beside it.
    fn asset(&self, project: &str, tag: &str, file: &str, description: String, from: &Path) -> Result<Asset> {
        let path = self.artifacts.join(project).join(tag).join(file);
        link(from, &path).with_context(|| format!("{} cannot be made", path.display()))?;
        let Release { channel, number, .. } = self.release;
        let uri =
            format!("{OFFICIAL}/kubernetes-{channel}/releases/{number}/artifacts/{project}/{tag}/{file}");
        let sums = summed(&path)?;
        Ok(Asset { name: file.to_owned(), description, payload: Payload::Archive { uri, sums } })
    }

    /// Writes what all files of a project sum up to.
    fn sum_projects(&self) -> Result<()> {
        for project in fs::read_dir(&self.artifacts)? {
            for tag in fs::read_dir(project?.path())? {
                let folder = tag?.path();
                let mut sums = BTreeMap::new();
                collect(&folder, &folder, &mut sums)?;
                for (list, algorithm) in [("SHA256SUM", "sha256"), ("SHA512SUM", "sha512")] {
                    let lines: String = sums
                        .iter()
                        .filter(|((_, of), _)| of == algorithm)
                        .map(|((name, _), sum)| format!("{sum}  {name}\n"))
                        .collect();
                    write(&folder.join(list), &lines)?;
                    summed(&folder.join(list))?;
                }
            }
        }
        Ok(())
    }
}

/// The sums in the files beside all others, by name and algorithm.
fn collect(top: &Path, folder: &Path, sums: &mut BTreeMap<(String, String), String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(top, &path, sums)?;
            continue;
        }
        let name = path.strip_prefix(top)?.to_string_lossy().into_owned();
        let Some((name, algorithm)) = name.rsplit_once('.') else { continue };
        if ["sha256", "sha512"].contains(&algorithm) && !name.ends_with("SUM") {
            let sum = fs::read_to_string(&path)?;
            let sum = sum.split_whitespace().next().unwrap_or_default().to_owned();
            sums.insert((name.to_owned(), algorithm.to_owned()), sum);
        }
    }
    Ok(())
}

/// The sums of a file, which are beside it afterwards. A file that is as old as its sums is not read again.
fn summed(path: &Path) -> Result<Sums> {
    let side = |algorithm: &str| beside(path, &format!(".{algorithm}"));
    let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let read = |algorithm: &str| {
        let side = side(algorithm);
        let text = (written(&side) >= written(path)).then(|| fs::read_to_string(side).ok()).flatten()?;
        Some(text.split_whitespace().next()?.to_owned())
    };
    if let (Some(sha256), Some(sha512)) = (read("sha256"), read("sha512")) {
        return Ok(Sums { sha256, sha512 });
    }
    let sums = sums(path)?;
    let name = path.file_name().unwrap_or_default().display();
    for (algorithm, sum) in [("sha256", &sums.sha256), ("sha512", &sums.sha512)] {
        write(&side(algorithm), &format!("{sum}  {name}\n"))?;
    }
    Ok(sums)
}

/// The same file under one more name, or a copy where that cannot be.
fn link(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = beside(to, ".part");
    let _ = fs::remove_file(&part);
    if fs::hard_link(from, &part).is_err() {
        fs::copy(from, &part)?;
    }
    fs::rename(&part, to)?;
    // Renaming one name of a file over another of the same file leaves both.
    let _ = fs::remove_file(&part);
    Ok(())
}

/// Writes a text, whole or not at all; one that is there already stays.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = beside(path, ".part");
    fs::write(&part, text)?;
    fs::rename(&part, path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(())
}

/// The path with something after its name.
fn beside(path: &Path, after: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(after);
    name.into()
}

const OFFICIAL: &str = "https://distro.eks.amazonaws.com";
