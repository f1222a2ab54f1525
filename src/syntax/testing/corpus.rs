use super::laws::exercise;

/// Seeds of fuzzing, and texts that once went wrong.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

#[test]
fn the_corpus_and_its_cuttings_are_parsed_to_something() {
    let mut count = 0;
    for entry in std::fs::read_dir(FOLDER).expect("the folder is part of the crate") {
        let path = entry.expect("the folder can be listed").path();
        let text = std::fs::read_to_string(&path).expect("seeds are text");
        assert_eq!(exercise(&text), Ok(()), "{}", path.display());
        for (at, _) in text.char_indices().step_by(7) {
            let (head, tail) = text.split_at(at);
            assert_eq!(exercise(head), Ok(()), "{} up to {at}", path.display());
            assert_eq!(exercise(tail), Ok(()), "{} from {at}", path.display());
        }
        count += 1;
    }
    assert!(count >= 40, "{count} seeds");
}
