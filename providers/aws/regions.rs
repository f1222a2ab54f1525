//! The partitions of AWS and their regions.

/// A set of regions with accounts and names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// `aws`, `aws-cn`, ...
    pub id: &'static str,
    pub dns_suffix: &'static str,
    pub regions: &'static [&'static str],
    /// What the names of its regions begin with.
    prefixes: &'static [&'static str],
}

impl Partition {
    /// `com.amazonaws` for `amazonaws.com`.
    pub fn reverse_dns_prefix(&self) -> String {
        let labels: Vec<&str> = self.dns_suffix.split('.').rev().collect();
        labels.join(".")
    }
}

/// The partition of a region; `aws` for one that no partition claims.
pub fn partition(region: &str) -> &'static Partition {
    PARTITIONS.iter().find(|p| p.prefixes.iter().any(|prefix| region.starts_with(prefix))).unwrap_or(&AWS)
}

pub fn is_known(region: &str) -> bool {
    PARTITIONS.iter().any(|p| p.regions.contains(&region))
}

/// What AWS calls a region: `US East (N. Virginia)`.
pub fn description(region: &str) -> Option<&'static str> {
    DESCRIPTIONS.iter().find(|(name, _)| *name == region).map(|(_, description)| *description)
}

/// The known region most like a misspelt one.
pub fn suggestion(region: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(region, known);
    PARTITIONS
        .iter()
        .flat_map(|p| p.regions)
        .copied()
        .min_by_key(|known| distance(known))
        .filter(|known| distance(known) <= 3)
}

const AWS: Partition = Partition {
    id: "aws",
    dns_suffix: "amazonaws.com",
    prefixes: &[],
    regions: &[
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ],
};

const PARTITIONS: &[Partition] = &[
    AWS,
    Partition {
        id: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        prefixes: &["cn-"],
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        id: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        prefixes: &["us-gov-"],
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Partition {
        id: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        prefixes: &["us-iso-"],
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        id: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        prefixes: &["us-isob-"],
        regions: &["us-isob-east-1", "us-isob-west-1"],
    },
    Partition {
        id: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        prefixes: &["eu-isoe-"],
        regions: &["eu-isoe-west-1"],
    },
    Partition {
        id: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        prefixes: &["us-isof-"],
        regions: &["us-isof-east-1", "us-isof-south-1"],
    },
    Partition {
        id: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        prefixes: &["eusc-"],
        regions: &["eusc-de-east-1"],
    },
];

const DESCRIPTIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-iso-east-1", "US ISO East"),
    ("us-iso-west-1", "US ISO WEST"),
    ("us-isob-east-1", "US ISOB East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_belong_to_partitions() {
        for (region, id, reverse) in [
            ("us-east-1", "aws", "com.amazonaws"),
            ("cn-north-1", "aws-cn", "cn.com.amazonaws"),
            ("us-gov-west-1", "aws-us-gov", "com.amazonaws"),
            ("mars-north-1", "aws", "com.amazonaws"),
        ] {
            let partition = partition(region);
            assert_eq!((partition.id, partition.reverse_dns_prefix().as_str()), (id, reverse), "{region}");
        }
        assert_eq!(suggestion("eu-cental-1"), Some("eu-central-1"));
        assert_eq!(suggestion("nowhere"), None);
    }
}
