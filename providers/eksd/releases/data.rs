use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use super::attributes::{channel_of, number_of, validate, with_lock, with_source};
use super::digest::sha256;
use super::error::{Failure, Result};
use super::lock::{LockFile, Pin};
use super::manifest::Release;
use super::outputs::{
    asset_type, assets, binaries, file_type, files, image_archives, image_type, images, text,
};
use super::site::Site;
use super::version::{Core, ReleaseId, Version};

/// `data.eksd_release`: one release and what it is made of.
pub(super) struct ReleaseData;

#[async_trait]
impl Data for ReleaseData {
    fn type_name(&self) -> &'static str {
        "eksd_release"
    }

    fn schema(&self) -> Schema {
        let computed = |ty: Type, text: &str| Attribute::computed(ty).described(text);
        let files = || Type::map(Type::map(file_type()));
        let mut block = Block::default()
            .described("A release of EKS-D: what it is made of, with the digests that everything is verified by. Its manifest is pinned in a lock file when it is first used, and refused if it ever changes.")
            .with("number", Attribute::optional(Type::Number).described("The release's number in the channel; if not set, the latest: the one that the lock file pins, else the channel's newest, which is pinned then."))
            .with("follow_latest", Attribute::optional(Type::Bool).described("Ask the channel for its newest release each time, and pin that, instead of staying with the pinned one."))
            .with("id", computed(Type::String, "The release: `v1-34-eks-21`."))
            .with("resolved_number", computed(Type::Number, "The release's number, also where \"latest\" was asked for."))
            .with("version", computed(Type::String, "The full version of Kubernetes' components: `v1.34.9-eks-1-34-21`."))
            .with("etcd_release_version", computed(Type::String, "The full version of etcd: `v3.5.21-eks-1-34-21`."))
            .with("date", computed(Type::String, "When it was published, as the manifest says."))
            .with("manifest_sha256", computed(Type::String, "The SHA-256 of the manifest."))
            .with("manifest_uri", computed(Type::String, "Where the manifest is."))
            .with("binaries", computed(files(), "Programs for Linux by name and architecture: bare ones (`kubelet`, `kube-apiserver` ...), and tarballs by their component (`etcd`, `cni-plugins`, `aws-iam-authenticator`). A file is a tarball if its name ends with `.tar.gz`."))
            .with("image_archives", computed(files(), "Images for Linux as OCI archives, by name and architecture."))
            .with("images", computed(Type::map(image_type()), "Images by name (without `-image`). Old manifests have no digests: they are null then."))
            .with("assets", computed(Type::list(asset_type()), "Everything that the manifest names, sorted by component and name. Fields that it leaves out are null."));
        for (name, what, _) in VERSIONS {
            let text = format!("Upstream's version of {what}, as the manifest says.");
            block = block.with(name, Attribute::computed(Type::String).described(text));
        }
        Schema::new(0, with_lock(with_source(block)))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    async fn read(&self, context: &Context, config: &Value) -> Outcome {
        Ok(read(context, config).await?)
    }
}

/// A release that was checked against the lock file.
pub(super) struct Checked {
    pub text: String,
    pub digest: String,
    pub release: Release,
}

/// Gets a release's manifest, and pins it or checks what was pinned. Without a number, it is the latest.
pub(super) async fn checked(site: &Site<'_>, lock: &LockFile, config: &Value) -> Result<Checked> {
    let channel = channel_of(config.text("channel").unwrap_or_default())?;
    let asked = config.attr("number").and_then(number_of);
    let number = match asked {
        Some(number) => number,
        None => {
            let pinned = match config.flag("follow_latest") {
                Some(true) => None,
                _ => lock.latest(channel).await?,
            };
            match pinned {
                Some(number) => number,
                None => site.channel(channel).await?.latest,
            }
        }
    };
    let id = ReleaseId { channel, number };
    let (text, release) = site.release(id).await?;
    let digest = sha256(text.as_bytes());
    lock.pin(Pin { id, digest: digest.clone(), latest: asked.is_none() }).await?;
    Ok(Checked { text, digest, release })
}

async fn read(context: &Context, config: &Value) -> Result<Value> {
    let site = Site::of(&context.environment, config)?;
    let lock = LockFile::of(&context.environment, config);
    let Checked { digest, release, .. } = checked(&site, &lock, config).await?;
    let manifest = site.url(&super::site::release_path(release.id))?;
    let full = |component: &str| -> Result<Value> {
        match release.tag(component) {
            Some(tag) => {
                let core: Core = tag.parse().map_err(|error| {
                    let detail = format!("The tag of {component} in {} cannot be used: {error}.", release.id);
                    Failure::new("source", "Invalid release manifest", detail)
                })?;
                Ok(Value::string(Version::of_release(core, release.id).to_string()))
            }
            None => Ok(Value::null(Type::String)),
        }
    };
    let mut state = with(
        config,
        [
            ("id", Value::string(release.id.to_string())),
            ("resolved_number", Value::number(i64::from(release.id.number))),
            ("version", full("kubernetes")?),
            ("etcd_release_version", full("etcd")?),
            ("date", text(release.date.as_ref())),
            ("manifest_sha256", Value::string(digest)),
            ("manifest_uri", Value::string(manifest)),
            ("binaries", files(&binaries(&release), &site)?),
            ("image_archives", files(&image_archives(&release), &site)?),
            ("images", images(&release)),
            ("assets", assets(&release, &site)?),
        ],
    );
    for (name, _, component) in VERSIONS {
        let tag = release.tag(component).map(str::to_owned);
        state = with(&state, [(name, text(tag.as_ref()))]);
    }
    Ok(state)
}

/// Attributes that say upstream's versions, of what, and of which component.
const VERSIONS: [(&str, &str, &str); 5] = [
    ("kubernetes_version", "Kubernetes", "kubernetes"),
    ("etcd_version", "etcd", "etcd"),
    ("coredns_version", "CoreDNS", "coredns"),
    ("cni_plugins_version", "the CNI plugins", "cni-plugins"),
    ("aws_iam_authenticator_version", "the IAM authenticator", "aws-iam-authenticator"),
];
