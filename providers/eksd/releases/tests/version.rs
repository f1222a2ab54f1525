use std::cmp::Ordering::{self, Equal, Greater, Less};

use crate::releases::version::{Build, Channel, Core, ReleaseId, Version};

#[test]
fn versions_are_read_and_written() {
    let core = Core { major: 1, minor: 34, patch: 9 };
    let id = ReleaseId { channel: Channel { major: 1, minor: 34 }, number: 21 };
    let rows = [
        ("v1.34.9", Build::Tag),
        ("v1.34.9-eks-1-34-21", Build::Release(id)),
        ("v1.34.9-eks-abc1234", Build::Commit("abc1234".into())),
        // A commit of digits alone is one still: a release has dashes.
        ("v1.34.9-eks-1234567", Build::Commit("1234567".into())),
    ];
    for (text, build) in rows {
        let version: Version = text.parse().expect(text);
        assert_eq!(version, Version { core, build }, "{text}");
        assert_eq!(version.to_string(), text);
    }
    let bare: Version = "1.34.9".parse().expect("the v may be left out");
    assert_eq!(bare.to_string(), "v1.34.9");
    assert_eq!(id.to_string(), "v1-34-eks-21");
    assert_eq!("1-34".parse(), Ok(id.channel));
}

#[test]
fn what_is_no_version_is_refused() {
    let rows = [
        "",
        "v1.34",
        "v1.34.9.1",
        "v1.34.09",
        "v1.34.+9",
        "v1.34.9-rc.1",
        "v1.34.9-eks-",
        "v1.34.9-eks-1-34",
        "v1.34.9-eks-1-34-",
        "v1.34.9-eks-1-34-21-1",
        "v1.34.9-eks-abc123g",
        "v1.34.9-eks-1-34-latest",
        "v1.34.99999999999",
        "latest",
    ];
    for text in rows {
        let error = text.parse::<Version>().expect_err(text);
        assert!(error.to_string().contains("v1.34.9-eks-1-34-21"), "{error}");
    }
    for text in ["", "1", "1.34", "1-34-21", "v1-34", "1-034"] {
        text.parse::<Channel>().expect_err(text);
    }
}

#[test]
fn versions_compare_by_patch_then_channel_then_number() {
    let rows: [(&str, &str, Option<Ordering>, &str); 11] = [
        ("v1.34.9-eks-1-34-21", "v1.34.9-eks-1-34-21", Some(Equal), "the same"),
        ("v1.34.9-eks-1-34-9", "v1.34.9-eks-1-34-21", Some(Less), "numbers, not texts"),
        ("v1.34.10-eks-1-34-22", "v1.34.9-eks-1-34-21", Some(Greater), "patches, not texts"),
        ("v1.34.9-eks-1-34-22", "v1.34.9-eks-1-34-21", Some(Greater), "a rebuild of the same patch"),
        (
            "v1.33.13-eks-1-33-31",
            "v1.34.9-eks-1-34-21",
            Some(Less),
            "a number of another channel says nothing",
        ),
        ("v3.5.21-eks-1-33-31", "v3.5.21-eks-1-34-21", Some(Less), "the channel before the number"),
        ("v1.34.9", "v1.34.9", Some(Equal), "tags"),
        ("v1.34.9", "v1.34.10-eks-1-34-23", Some(Less), "patches of different forms"),
        ("v1.34.9-eks-1-34-21", "v1.34.9", None, "a release is no pre-release of its tag"),
        ("v1.34.9-eks-abc1234", "v1.34.9-eks-abc1235", None, "commits have no order"),
        ("v1.34.9-eks-abc1234", "v1.34.9-eks-1-34-21", None, "a commit names no release"),
    ];
    for (a, b, wanted, why) in rows {
        let (a, b): (Version, Version) = (a.parse().expect(a), b.parse().expect(b));
        assert_eq!(a.partial_cmp(&b), wanted, "{a} and {b}: {why}");
        assert_eq!(b.partial_cmp(&a), wanted.map(Ordering::reverse), "{b} and {a}: {why}");
    }
}

#[test]
fn what_a_kubelet_reports_may_be_the_release() {
    let version = |text: &str| text.parse::<Version>().expect(text);
    let release = version("v1.34.9-eks-1-34-21");
    assert!(release.may_equal(&version("v1.34.9-eks-abc1234")));
    assert!(release.may_equal(&version("v1.34.9")));
    assert!(!release.may_equal(&version("v1.34.9-eks-1-34-22")));
    assert!(!release.may_equal(&version("v1.34.8-eks-abc1234")));
    assert!(release.fits_channel());
    assert!(!version("v1.34.9-eks-1-33-31").fits_channel());
}
