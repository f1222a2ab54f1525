//! Did-you-mean suggestions.

/// Names further away than this are no typing mistakes.
const MAX_DISTANCE: usize = 2;

/// The candidate nearest to a misspelt name, if one is near; the first of several equally near ones.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= MAX_DISTANCE && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ` Did you mean "x"?`, or nothing.
pub(crate) fn sentence<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        for (name, candidates, expected) in [
            ("regin", vec!["region", "reason"], Some("region")),
            ("zzzzzz", vec!["region"], None),
            ("zz", vec!["a"], None),
            ("wb", vec!["web"], Some("web")),
        ] {
            assert_eq!(nearest(name, candidates), expected, "{name}");
        }
    }
}
