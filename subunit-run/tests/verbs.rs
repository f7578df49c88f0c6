//! The verbs that `subunit` says this program has are those that it has.

use subunit_filters::commands::ELSEWHERE;
use subunit_run::commands::GROUPS;

#[test]
fn subunit_knows_the_verbs() {
    assert_eq!(ELSEWHERE.len(), GROUPS.len());
    for (elsewhere, group) in ELSEWHERE.iter().zip(GROUPS) {
        assert_eq!((elsewhere.program, elsewhere.title), ("subunit-run", group.title));
        let verbs: Vec<_> = group
            .verbs
            .iter()
            .map(|verb| (verb.name, verb.definition().get_about().unwrap().to_string()))
            .collect();
        let known: Vec<_> =
            elsewhere.verbs.iter().map(|(name, about)| (*name, (*about).to_owned())).collect();
        assert_eq!(verbs, known);
    }
}
