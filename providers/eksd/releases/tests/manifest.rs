use super::support::{CURRENT, OLD, REAL};
use crate::releases::manifest::{Kind, ManifestError, Release, ReleaseChannel};

#[test]
fn real_manifests_are_read_whole() {
    for (text, components, assets, id) in
        [(OLD, 12, 62, "v1-20-eks-1"), (REAL, 12, 62, "v1-21-eks-4"), (CURRENT, 7, 17, "v1-34-eks-21")]
    {
        let release = Release::parse(text).expect(id);
        assert_eq!(release.id.to_string(), id);
        assert_eq!(release.components.len(), components, "{id}");
        let all: Vec<_> = release.components.iter().flat_map(|component| &component.assets).collect();
        assert_eq!(all.len(), assets, "{id}");
    }
    let release = Release::parse(REAL).expect("is real");
    assert_eq!(release.tag("kubernetes"), Some("v1.21.2"));
    let kubernetes = release.component("kubernetes").expect("is there");
    let kubelet = kubernetes.assets.iter().find(|asset| asset.name == "bin/linux/amd64/kubelet");
    let Some(Kind::Archive { sha256: Some(sha256), .. }) = kubelet.map(|asset| asset.kind.clone()) else {
        panic!("the kubelet is a file");
    };
    assert_eq!(sha256, "6bc6a526555f92b740cf11e490a1011680bdc037b2827faa2936066a12326388");
}

/// A manifest of one component with one asset, whose lines are given.
fn with_asset(lines: &str) -> String {
    format!(
        "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\nspec: {{channel: 1-34, number: 21}}\nstatus:\n  components:\n  - name: kubernetes\n    assets:\n    - name: bin/linux/amd64/kubelet\n{lines}"
    )
}

#[test]
fn digests_that_look_like_numbers_stay_texts() {
    let digits = "1".repeat(64);
    let float = format!("{}e45{}", "1".repeat(30), "2".repeat(31));
    for (sha256, sha512) in
        [(digits.clone(), "0".repeat(128)), (float, format!("0o{}", "0".repeat(126)).replace('o', "0"))]
    {
        let text = with_asset(&format!("      archive: {{uri: u, sha256: {sha256}, sha512: {sha512}}}\n"));
        let release = Release::parse(&text).expect("is fine");
        let wanted = Kind::Archive { sha256: Some(sha256), sha512: Some(sha512) };
        assert_eq!(release.components[0].assets[0].kind, wanted);
    }
    let image = with_asset(&format!("      image: {{uri: u, imageDigest: \"sha256:{digits}\"}}\n"));
    let release = Release::parse(&image).expect("is fine");
    assert_eq!(
        release.components[0].assets[0].kind,
        Kind::Image { digest: Some(format!("sha256:{digits}")) }
    );
}

#[test]
fn what_is_missing_is_told_by_the_name() {
    let release = Release::parse(&with_asset("      archive: {uri: u}\n")).expect("nothing more is needed");
    let asset = &release.components[0].assets[0];
    assert_eq!((asset.system(), asset.architectures()), (Some("linux"), vec!["amd64"]));
    assert_eq!(asset.kind, Kind::Archive { sha256: None, sha512: None });
    assert_eq!(release.tag("kubernetes"), None);
    assert_eq!(release.date, None);
}

#[test]
fn the_order_of_a_manifest_does_not_matter() {
    let release = Release::parse(REAL).expect("is real");
    let names: Vec<&str> = release.components.iter().map(|component| component.name.as_str()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for component in &release.components {
        assert!(component.assets.is_sorted_by_key(|asset| (asset.name.clone(), asset.arch.clone())));
    }
}

#[test]
fn what_is_no_manifest_is_refused_with_the_reason() {
    let rows = [
        ("<!DOCTYPE html><html>", "HTML"),
        ("", "kind"),
        ("just a text", "not the YAML"),
        ("a: [", "not the YAML"),
        ("apiVersion: v1\nkind: Pod\n", "its kind is Pod, not Release"),
        ("apiVersion: v1\nkind: Release\n", "apiVersion"),
        ("apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\n", "no spec.channel"),
        (
            "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\nspec: {channel: stable, number: 1}\n",
            "spec.channel is \"stable\"",
        ),
    ];
    for (text, wanted) in rows {
        let error = Release::parse(text).expect_err(text).to_string();
        assert!(error.contains(wanted), "{text:?}: {error}");
    }
    let short = with_asset("      archive: {uri: u, sha256: abc}\n");
    let error = Release::parse(&short).expect_err("is too short");
    let ManifestError::Invalid { name, value } = error else { panic!("{error}") };
    assert_eq!((name.as_str(), value.as_str()), ("sha256 of bin/linux/amd64/kubelet in kubernetes", "abc"));
    ReleaseChannel::parse(REAL).expect_err("is a release");
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in [OLD, CURRENT] {
        for end in (0..text.len()).step_by(997).filter(|end| text.is_char_boundary(*end)) {
            let _ = Release::parse(&text[..end]);
            let _ = ReleaseChannel::parse(&text[end..]);
        }
    }
}
