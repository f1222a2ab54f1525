/// ` Did you mean "x"?` for the name that is nearest to a mistaken one, or nothing when none is near.
///
/// Near is as in HCL: fewer than three edits.
pub(crate) fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, known).map(|name| format!(" Did you mean {name:?}?")).unwrap_or_default()
}

/// The known name with the fewest edits, of equals the first.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::levenshtein(given, name), name))
        .filter(|(distance, _)| *distance < 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["length", "keys", "lower"];
        assert_eq!(did_you_mean("lenght", known), " Did you mean \"length\"?");
        assert_eq!(did_you_mean("key", known), " Did you mean \"keys\"?");
        assert_eq!(did_you_mean("something", known), "");
    }
}
