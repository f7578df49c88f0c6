//! The verbs that `subunit` says this program has are those that it has.

use subunit_filters::commands::ELSEWHERE;
use subunit_run::commands::GROUPS;

#[test]
fn subunit_knows_the_verbs() {
    let [elsewhere] = ELSEWHERE else { panic!("{ELSEWHERE:?}") };
    let [group] = GROUPS else { panic!("{GROUPS:?}") };
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
