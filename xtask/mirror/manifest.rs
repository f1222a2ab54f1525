//! The text of the manifests of releases and channels.

use super::archive::Sums;
use super::pins::Release;

/// A component, with what it offers.
pub struct Component {
    pub name: &'static str,
    pub tag: String,
    /// Only Kubernetes says it.
    pub commit: Option<String>,
    pub assets: Vec<Asset>,
}

pub struct Asset {
    pub name: String,
    pub description: String,
    pub payload: Payload,
}

pub enum Payload {
    Archive { uri: String, sums: Sums },
    Image { uri: String, digest: String },
}

/// A Release, as EKS-D's generator writes it.
pub fn release(release: &Release, components: &[Component]) -> String {
    let Release { channel, number, date, .. } = release;
    let mut text = format!(
        "apiVersion: {API}\nkind: Release\nmetadata:\n  creationTimestamp: null\n  name: kubernetes-{channel}-eks-{number}\nspec:\n  channel: {channel}\n  number: {number}\nstatus:\n  components:\n"
    );
    for component in components {
        text.push_str("  - assets:\n");
        for asset in &component.assets {
            asset_text(&mut text, asset);
        }
        if let Some(commit) = &component.commit {
            text.push_str(&format!("    gitCommit: {}\n", scalar(commit)));
        }
        text.push_str(&format!("    gitTag: {}\n    name: {}\n", component.tag, component.name));
    }
    text.push_str(&format!("  date: \"{date}\"\n"));
    text
}

/// The channel, with its newest release.
pub fn channel(channel: &str, latest: u32) -> String {
    format!(
        "apiVersion: {API}\nkind: ReleaseChannel\nmetadata:\n  creationTimestamp: null\n  name: {channel}\nspec:\n  snsTopicARN: arn:aws:sns:us-east-1:379412251201:eks-distro-updates\nstatus:\n  active: true\n  latestRelease: {latest}\n"
    )
}

fn asset_text(text: &mut String, asset: &Asset) {
    text.push_str("    - arch:\n      - amd64\n");
    match &asset.payload {
        Payload::Archive { uri, sums } => text.push_str(&format!(
            "      archive:\n        sha256: {}\n        sha512: {}\n        uri: {uri}\n",
            scalar(&sums.sha256),
            scalar(&sums.sha512)
        )),
        Payload::Image { .. } => {}
    }
    text.push_str(&format!("      description: {}\n", asset.description));
    let kind = match &asset.payload {
        Payload::Archive { .. } => "Archive",
        Payload::Image { uri, digest } => {
            text.push_str(&format!("      image:\n        imageDigest: {digest}\n        uri: {uri}\n"));
            "Image"
        }
    };
    text.push_str(&format!("      name: {}\n      os: linux\n      type: {kind}\n", asset.name));
}

/// Hexadecimal digits, in quotes where they may look like a number.
fn scalar(hex: &str) -> String {
    let plain = hex.bytes().any(|byte| matches!(byte, b'a'..=b'd' | b'f'));
    if plain { hex.to_owned() } else { format!("\"{hex}\"") }
}

const API: &str = "distro.eks.amazonaws.com/v1alpha1";
