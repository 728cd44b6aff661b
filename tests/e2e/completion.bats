# Completions: what they offer is what the commands take, in each shell.

load helper

setup() {
    prepare
    git tag v1.0.0
    share=$BATS_FILE_TMPDIR/prefix/share
}

words() { # WORD...: the last one is being typed
    slipway completion words -- "$@" | cut -f 1
}

@test "every command and every option of its help is offered" {
    slipway -h | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' >"$top/commands"
    [ "$(wc -l <"$top/commands")" -ge 20 ]
    while read -r first second; do
        words "" | grep -qx "$first"
        [ -z "$second" ] || words "$first" "" | grep -qx "$second"
        # shellcheck disable=SC2086 # no second word: no argument
        slipway $first $second -h | grep -oE '^  (-.,|   ) --[a-z-]+' | grep -oE -- '--[a-z-]+' | sort >"$top/help"
        # shellcheck disable=SC2086
        words $first $second -- | sort >"$top/offered"
        diff "$top/help" "$top/offered"
    done <"$top/commands"
    [ -z "$(words hook "")" ]
}

@test "values and arguments: refs, remotes, images, jobs, files" {
    [ "$(words run --ref "" | sort | tr "\n" " ")" = "main v1.0.0 " ]
    [ "$(words install --remote "")" = origin ]
    [ "$(words tags "")" = "$(printf 'api\nweb')" ]
    words why "" | grep -qx web
    words why "" | grep -qx main
    [ "$(words export --report "")" = :files ]
    [ "$(words install -C "")" = :directories ]
    [ "$(words install --mode "" | tr '\n' ' ')" = "auto file config print " ]
    # Before the command, too.
    [ "$(words -C "")" = :directories ]
    [ "$(words --color "" | tr '\n' ' ')" = "auto always never " ]
    words --gi | grep -qx -- --git-dir
    words -C . --json inst | grep -qx install
    [ "$(words -C . tags --color "" | tr '\n' ' ')" = "auto always never " ]
    words help "" | grep -qx stages
    [ "$(words completion "" | tr '\n' ' ')" = "bash zsh fish " ]
    [ -z "$(words install "")" ]
    # Outside a repository, and with images that cannot be listed: nothing, and no noise.
    cd "$top"
    run slipway completion words -- run --ref ""
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run slipway completion words -- tags ""
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "installed as printed" {
    slipway completion bash | cmp - "$share/bash-completion/completions/slipway"
    cmp "$share/bash-completion/completions/slipway" "$share/bash-completion/completions/git-slipway"
    slipway completion zsh | cmp - "$share/zsh/site-functions/_slipway"
    slipway completion fish | cmp - "$share/fish/vendor_completions.d/slipway.fish"
    run slipway completion tcsh
    [ "$status" -eq 2 ]
}

complete_in_bash() { # FUNCTION LINE
    bash -c 'source "$1"; COMP_LINE=$3 COMP_POINT=${#3}; "$2"; printf "%s\n" "${COMPREPLY[@]}"' \
        - "$share/bash-completion/completions/slipway" "$@"
}

@test "bash: slipway and git slipway" {
    [ "$(complete_in_bash _slipway "slipway inst")" = install ]
    [ "$(complete_in_bash _slipway "slipway jobs sh")" = show ]
    [ "$(complete_in_bash _slipway "slipway run --ref v")" = v1.0.0 ]
    [ "$(complete_in_bash _slipway "slipway tags w")" = web ]
    [ "$(complete_in_bash _slipway "slipway run --ref v1 --dry")" = --dry-run ]
    [ "$(complete_in_bash _slipway "slipway export --report wer")" = werf.yaml ]
    [ "$(complete_in_bash _git_slipway "git slipway unin")" = uninstall ]
    [ "$(complete_in_bash _git_slipway "git slipway wait " | sort | tr "\n" " ")" = "main v1.0.0 " ]
}

@test "fish" {
    command -v fish >/dev/null || skip "fish is not on PATH"
    complete_in_fish() {
        fish --no-config -c "source $share/fish/vendor_completions.d/slipway.fish; complete -C '$1'" | cut -f 1
    }
    [ "$(complete_in_fish "slipway inst")" = install ]
    [ "$(complete_in_fish "slipway run --ref v")" = v1.0.0 ]
    [ "$(complete_in_fish "slipway run --ref v1 --dry")" = --dry-run ]
    [ "$(complete_in_fish "slipway export --report wer")" = werf.yaml ]
}

@test "zsh" {
    command -v zsh >/dev/null || skip "zsh is not on PATH"
    zsh -n "$share/zsh/site-functions/_slipway"
    complete_in_zsh() {
        timeout 60 zsh -f "$BATS_TEST_DIRNAME/../support/complete.zsh" "$share/zsh/site-functions" "$1"
    }
    [ "$(complete_in_zsh "slipway inst")" = "slipway install " ]
    [ "$(complete_in_zsh "slipway jobs sh")" = "slipway jobs show " ]
    [ "$(complete_in_zsh "slipway run --ref v")" = "slipway run --ref v1.0.0 " ]
    [ "$(complete_in_zsh "slipway run --ref v1 --dry")" = "slipway run --ref v1 --dry-run " ]
    [ "$(complete_in_zsh "slipway tags --color al")" = "slipway tags --color always " ]
    [ "$(complete_in_zsh "slipway export --report wer")" = "slipway export --report werf.yaml " ]
    [ "$(complete_in_zsh "git-slipway unin")" = "git-slipway uninstall " ]
}

@test "git slipway, its help and its manual pages" {
    run git slipway -h
    [ "$status" -eq 0 ]
    has "usage: slipway COMMAND"
    run git slipway version
    [ "$status" -eq 0 ]
    for page in man1/slipway.1 man1/git-slipway.1 man5/slipway.yaml.5 man5/slipway-json.5 man7/slipway-hooks.7; do
        [ -s "$share/man/$page" ]
    done
    # By trade: release, repair, set up, look.
    [ "$(slipway -h | grep -E '^(release|repair|set up|look)$' | tr '\n' ' ')" = "release repair set up look " ]
}
