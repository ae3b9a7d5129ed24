//! Shell texts and the commands found in them.

use super::*;

fn words(text: &str) -> Vec<Vec<String>> {
    commands_in(text)
        .into_iter()
        .map(|found| found.words)
        .collect()
}

#[test]
fn quotes_and_escapes_belong_to_words() {
    assert_eq!(
        words(r#"a 'b c' "d \"e\" $x" f\ g ''"#),
        [["a", "b c", "d \"e\" $x", "f g", ""]]
    );
    assert_eq!(words("r\"m\" -r'f' \\/"), [["rm", "-rf", "/"]]);
    assert_eq!(words("a \\\n b # c ; d\ne"), [vec!["a", "b"], vec!["e"]]);
}

#[test]
fn lists_pipes_and_groups_are_several_commands() {
    let found = words("a && b || c; d | e & (f; g)\nh |& i");
    assert_eq!(
        found.concat(),
        ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
    );
}

#[test]
fn a_substitution_is_a_command_of_its_own_and_comes_first() {
    assert_eq!(
        words("echo $(rm -r \"a)b\")x"),
        [vec!["rm", "-r", "a)b"], vec!["echo", "$x"]]
    );
    assert_eq!(
        words("echo \"`rm a`\""),
        [vec!["rm", "a"], vec!["echo", "$"]]
    );
    assert_eq!(
        words("diff <(a) >(b)"),
        [vec!["a"], vec!["b"], vec!["diff", "$", "$"]]
    );
    assert_eq!(
        words("x $(a $(b))"),
        [vec!["b"], vec!["a", "$"], vec!["x", "$"]]
    );
}

#[test]
fn redirections_name_their_files() {
    let found = commands_in("a <in >out 2>>err 2>&1 &>both >|over <<<text b");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].words, ["a", "b"]);
    assert_eq!(found[0].reads, ["in"]);
    assert_eq!(found[0].writes, ["out", "err", "both", "over"]);
}

#[test]
fn a_here_document_is_input_except_for_what_it_substitutes() {
    let found = commands_in("cat <<EOF > out\nrm -rf /\n$(touch x)\nEOF\nls");
    assert_eq!(found[0].words, ["touch", "x"]);
    assert_eq!(
        (&found[1].words[..], &found[1].writes[..]),
        (&["cat".to_owned()][..], &["out".to_owned()][..])
    );
    assert_eq!(found[2].words, ["ls"]);
    assert_eq!(words("cat <<'EOF'\n$(touch x)\nEOF"), [["cat"]]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "[ab'\"\\\\`$(){}<>|&;#\n\t =/~-]{0,60}|\\PC{0,60}") {
        commands_in(&text);
    }

    #[test]
    fn a_quoted_word_comes_through_whole(word in "[^'\\x00]{0,40}") {
        let found = commands_in(&format!("run '{word}' \"end\""));
        proptest::prop_assert_eq!(&found[0].words, &["run".to_owned(), word, "end".to_owned()]);
    }
}
