//! What `combine` runs: a list of commands in YAML.

use std::path::PathBuf;

use saphyr::{LoadableYamlNode, MarkedYaml, Yaml};

/// A command that writes a stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Child {
    /// The program and its arguments, with variables.
    pub(super) argv: Vec<String>,
    /// What is put in front of every id.
    pub(super) prefix: String,
    /// Where it is started.
    pub(super) cwd: Option<PathBuf>,
    /// What is added to its environment.
    pub(super) env: Vec<(String, String)>,
    /// What `$LISTOPT` stands for.
    pub(super) list_option: String,
    /// What `$IDOPTION` stands for, with variables.
    pub(super) id_option: String,
}

/// Reads a configuration: `commands`, a list of mappings with `argv` and, where wanted, the others.
///
/// # Errors
///
/// Says what is wrong, on one line.
pub(super) fn parse(text: &str) -> Result<Vec<Child>, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let commands = documents.first().and_then(|all| all.as_mapping_get("commands"));
    let commands = commands.and_then(Yaml::as_sequence).filter(|commands| !commands.is_empty());
    let commands = commands.ok_or("`commands` must be a list with something in it")?;
    let numbered = commands.iter().enumerate();
    let child = |(nth, command)| {
        child(command).map_err(|problem| format!("command {}: {problem}", nth + 1))
    };
    numbered.map(child).collect()
}

/// The keys of a configuration, and of each command in it.
const KEYS: [&str; 1] = ["commands"];
const CHILD_KEYS: [&str; 6] = ["argv", "cwd", "env", "id_option", "list_option", "prefix"];

/// Refuses what [`parse`] would pass over: keys that mean nothing, and more documents than one.
///
/// # Errors
///
/// Names line and key.
pub(super) fn check(text: &str) -> Result<(), String> {
    // The parser reports anything that is not YAML.
    let Ok(documents) = MarkedYaml::load_from_str(text) else { return Ok(()) };
    if let [_, second, ..] = &*documents {
        let line = second.span.start.line();
        return Err(format!("line {line}: a second document; there must be one"));
    }
    let Some(all) = documents.first() else { return Ok(()) };
    check_keys(all, &KEYS)?;
    let commands = all.data.as_mapping_get("commands");
    let commands = commands.and_then(|commands| commands.data.as_sequence());
    commands.into_iter().flatten().try_for_each(|command| check_keys(command, &CHILD_KEYS))
}

fn check_keys(node: &MarkedYaml<'_>, known: &[&str]) -> Result<(), String> {
    let is_known = |key: &MarkedYaml<'_>| key.data.as_str().is_some_and(|key| known.contains(&key));
    let keys = node.data.as_mapping().into_iter().flatten().map(|(key, _)| key);
    let Some(key) = keys.into_iter().find(|key| !is_known(key)) else { return Ok(()) };
    let name =
        key.data.as_str().map_or_else(|| "that is no string".into(), |key| format!("`{key}`"));
    let line = key.span.start.line();
    Err(format!("line {line}: unknown key {name}; known here: {}", known.join(", ")))
}

fn child(command: &Yaml<'_>) -> Result<Child, String> {
    let argv = command.as_mapping_get("argv").and_then(Yaml::as_sequence);
    let argv: Option<Vec<String>> =
        argv.and_then(|argv| argv.iter().map(|word| word.as_str().map(str::to_owned)).collect());
    let argv = argv.filter(|argv| !argv.is_empty());
    Ok(Child {
        argv: argv.ok_or("`argv` must be a list of strings with something in it")?,
        prefix: string(command, "prefix")?.unwrap_or_default(),
        cwd: string(command, "cwd")?.map(PathBuf::from),
        env: environment(command)?,
        list_option: string(command, "list_option")?.unwrap_or_default(),
        id_option: string(command, "id_option")?.unwrap_or_default(),
    })
}

fn string(command: &Yaml<'_>, key: &str) -> Result<Option<String>, String> {
    match command.as_mapping_get(key) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(format!("`{key}` must be a string")),
        },
    }
}

fn environment(command: &Yaml<'_>) -> Result<Vec<(String, String)>, String> {
    let Some(env) = command.as_mapping_get("env").filter(|env| !env.is_null()) else {
        return Ok(Vec::new());
    };
    let pair = |(name, value): (&Yaml<'_>, &Yaml<'_>)| {
        let name = name.as_str().filter(|name| !name.is_empty() && !name.contains(['=', '\0']));
        let value = value.as_str().filter(|value| !value.contains('\0'));
        Some((name?.to_owned(), value?.to_owned()))
    };
    let pairs = env.as_mapping().and_then(|env| env.iter().map(pair).collect());
    pairs.ok_or_else(|| "`env` must be a mapping of strings to strings".to_owned())
}

/// What variables stand for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Variables<'a> {
    /// Whether tests are to be listed.
    pub(super) list: bool,
    /// The ids to run, if there is a choice.
    pub(super) ids: Option<&'a [String]>,
    /// A file with the ids, one a line.
    pub(super) id_file: &'a str,
}

impl Child {
    /// The program and its arguments. A word with a variable is cut at white space when that has been put
    /// in; it may become several words, or none.
    pub(super) fn expanded(&self, variables: Variables<'_>) -> Vec<String> {
        let ids = variables.ids.map(|ids| ids.join(" ")).unwrap_or_default();
        let in_option = |name: &str| match name {
            "IDFILE" => variables.id_file,
            "IDLIST" => &ids,
            _ => "",
        };
        let option = match variables.ids {
            Some(_) => {
                substituted(&self.id_option, in_option).unwrap_or_else(|| self.id_option.clone())
            }
            None => String::new(),
        };
        let value = |name: &str| match name {
            "LISTOPT" if variables.list => &self.list_option,
            "IDOPTION" => &option,
            name => in_option(name),
        };
        let mut words = Vec::new();
        for word in &self.argv {
            match substituted(word, value) {
                Some(text) => words.extend(text.split_whitespace().map(str::to_owned)),
                None => words.push(word.clone()),
            }
        }
        words
    }
}

const VARIABLES: [&str; 4] = ["IDOPTION", "IDFILE", "IDLIST", "LISTOPT"];

/// The text with the values of its variables; `None` if it has none.
fn substituted<'v>(text: &str, value: impl Fn(&str) -> &'v str) -> Option<String> {
    let mut found = false;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out += before;
        let variable = VARIABLES.iter().find_map(|name| Some((name, behind.strip_prefix(name)?)));
        match variable {
            Some((name, behind)) => {
                found = true;
                out += value(name);
                rest = behind;
            }
            None => {
                out.push('$');
                rest = behind;
            }
        }
    }
    found.then(|| out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_with_all_that_it_may_say() {
        let text = "commands:\n- argv: [a, '$LISTOPT']\n  prefix: p/\n  cwd: d\n  \
                    env: {K: v}\n  list_option: -l\n  id_option: -i $IDFILE\n- argv: [b]\n";
        let children = parse(text).unwrap();
        let first = Child {
            argv: vec!["a".into(), "$LISTOPT".into()],
            prefix: "p/".into(),
            cwd: Some("d".into()),
            env: vec![("K".into(), "v".into())],
            list_option: "-l".into(),
            id_option: "-i $IDFILE".into(),
        };
        assert_eq!(children, [first, Child { argv: vec!["b".into()], ..Child::default() }]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            ("", "`commands` must be"),
            ("commands: []", "`commands` must be"),
            ("- a", "`commands` must be"),
            ("commands: [{prefix: a}]", "command 1: `argv` must be"),
            ("commands: [{argv: [1]}]", "command 1: `argv` must be"),
            ("commands: [{argv: [a]}, {argv: [a], prefix: 1}]", "command 2: `prefix` must be"),
            ("commands: [{argv: [a], env: [b]}]", "command 1: `env` must be"),
            ("commands: [", ""),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.starts_with(expected), "{text}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{problem}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (text, expected) in [
            (
                "commands:\n- argv: [a]\n  prefx: p/\n",
                "line 3: unknown key `prefx`; known here: argv,",
            ),
            (
                "commands: [{argv: [a]}]\nversion: 1\n",
                "line 2: unknown key `version`; known here: commands",
            ),
            ("commands: [{argv: [a], 7: b}]", "line 1: unknown key that is no string"),
            (
                "commands: [{argv: [a]}]\n---\ncommands: [{argv: [b]}]\n",
                "line 3: a second document",
            ),
        ] {
            let problem = check(text).unwrap_err();
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
        let all = "commands:\n- {argv: [a], prefix: p, cwd: d, env: {any: v}, list_option: l, id_option: i}";
        for text in [all, "", "- a", "commands: [", "commands: 1"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn variables_become_words() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let child = Child {
            argv: words(&["run", "$LISTOPT", "x $IDLIST y", "$IDOPTION", "a b", "$HOME$"]),
            list_option: "-l -v".into(),
            id_option: "--ids=$IDFILE".into(),
            ..Child::default()
        };
        let expanded = |list, ids, id_file| child.expanded(Variables { list, ids, id_file });
        assert_eq!(expanded(false, None, ""), ["run", "x", "y", "a b", "$HOME$"]);
        let ids: Vec<String> = words(&["1", "2"]);
        let expected = ["run", "-l", "-v", "x", "1", "2", "y", "--ids=f", "a b", "$HOME$"];
        assert_eq!(expanded(true, Some(&ids), "f"), expected);
    }
}
