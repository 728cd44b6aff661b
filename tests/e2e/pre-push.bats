# The small executable that git runs: when it is silent, and what it hands to the worker.

load helper

setup() {
    prepare
    hook=$BATS_FILE_TMPDIR/prefix/libexec/slipway/pre-push
    zero=0000000000000000000000000000000000000000
    # Stands where slipway would be: says with what it was called.
    cat >"$top/worker" <<'END'
#!/bin/sh
echo "worker: $*"
cat
exit 7
END
    chmod +x "$top/worker"
    export SLIPWAY_BIN=$top/worker
    commit=$(git rev-parse HEAD)
}

push_line() { # REF [ID [OLD]]
    echo "$1 ${2:-$commit} $1 ${3:-$zero}"
}

run_hook() { # stdin [OPTIONS...]
    input=$1
    shift
    run "$hook" "$@" origin "$remote" <<<"$input"
}

@test "it links libc and libyaml only" {
    readelf -d "$hook" >"$top/needed"
    run grep -E 'NEEDED.*lib(git2|curl|crypto|ssl|jansson|z|pcre)' "$top/needed"
    [ "$status" -eq 1 ]
    # Linked statically, where that can be: nothing. Else libyaml, besides the system's own.
    grep -q 'NEEDED.*libyaml' "$top/needed" || ! grep -q NEEDED "$top/needed"
}

@test "nothing on stdin, deletions, other refs: not a word" {
    for input in "" "(delete) $zero refs/tags/v1 $commit" "$(push_line refs/heads/main)" \
        "$(push_line refs/notes/x)"; do
        run_hook "$input"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "a rule that matches: the worker gets the same arguments and bytes" {
    run_hook "$(push_line refs/heads/main; push_line refs/tags/v1.0.0)"
    [ "$status" -eq 7 ]
    [ "${lines[0]}" = "worker: hook pre-push --remote origin origin $remote" ]
    [ "${lines[1]}" = "$(push_line refs/heads/main)" ]
    [ "${lines[2]}" = "$(push_line refs/tags/v1.0.0)" ]
}

@test "an annotated tag is read through to its commit" {
    git tag -a -m one v1
    run_hook "$(push_line refs/tags/v1 "$(git rev-parse v1)")"
    [ "$status" -eq 7 ]
}

@test "a last line without an end counts" {
    run bash -c "printf %s '$(push_line refs/tags/v1)' | '$hook' origin '$remote'"
    [ "$status" -eq 7 ]
}

@test "rules of the pushed commit decide, not those of the work tree" {
    git rm -q --cached .slipway.yaml
    git commit -qm 'no rules'
    commit=$(git rev-parse HEAD)
    run_hook "$(push_line refs/tags/v1)"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "another remote than the usual one: a line for tags with rules, else not a word" {
    run_hook "$(push_line refs/tags/v1)" --remote upstream
    [ "$status" -eq 0 ]
    [ "$output" = "slipway: v1: nothing is released, the rules are not for the remote 'origin'" ]
    run_hook "$(push_line refs/tags/v1; push_line refs/heads/main; push_line refs/tags/v2; push_line refs/tags/other)" --remote upstream
    [ "$output" = "slipway: v1 and 1 more: nothing is released, the rules are not for the remote 'origin'" ]
    run_hook "$(push_line refs/tags/other; push_line refs/heads/main)" --remote upstream
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    # Several rules for one tag; a rule that names its remotes; branches of a fork.
    cat >.slipway.yaml <<END
version: 1
repo: $stages
rules:
  - {name: a, match: {tags: "v*"}, to: "$release/a:%tag%"}
  - {name: b, match: {tags: "v*", remotes: [prod]}, to: "$release/b:%tag%"}
  - {name: c, match: {branches: "*"}, to: "$release/c:%branch%"}
END
    git commit -qam rules
    commit=$(git rev-parse HEAD)
    run_hook "$(push_line refs/tags/v1)" --remote upstream
    [ "$output" = "slipway: v1: nothing is released, the rules are not for the remote 'origin'" ]
    run_hook "$(push_line refs/heads/main)" --remote upstream
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run_hook "$(push_line refs/tags/v1)"
    [ "$status" -eq 7 ]
    # The same in many commits.
    input=
    for i in $(seq 12); do
        git commit -q --allow-empty -m "$i"
        input+=$(push_line "refs/tags/v$i" "$(git rev-parse HEAD)")$'\n'
    done
    run_hook "$input" --remote upstream
    [[ "$output" =~ ^"slipway: v"[0-9]+" and 11 more: nothing is released, the rules are not for the remote 'origin'"$ ]]
}

@test "a rules file with a mistake, or two of them, is the worker's to tell" {
    cp .slipway.yaml .slipway.yml
    git add -A
    git commit -qm two
    commit=$(git rev-parse HEAD)
    run_hook "$(push_line refs/heads/x)"
    [ "$status" -eq 7 ]
    git rm -qf .slipway.yaml
    echo 'rules: {' >.slipway.yml
    git add -A
    git commit -qm bad
    commit=$(git rev-parse HEAD)
    run_hook "$(push_line refs/heads/x)"
    [ "$status" -eq 7 ]
}

@test "input that is not git's never blocks a push" {
    long=$(head -c 100000 /dev/zero | tr '\0' x)
    for input in "nonsense" "a b c d" "$(push_line refs/tags/v1 abc)" "$long" \
        "$(push_line refs/tags/v1)"$'\r' "$commit $commit"; do
        run_hook "$input"
        [ "$status" -eq 0 ]
        has "slipway: warning: pre-push: "
        lacks worker
    done
}

@test "an object that is not there: not a word, git will say it" {
    run_hook "$(push_line refs/tags/v1 1111111111111111111111111111111111111111)"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "SLIPWAY=0 runs only the hook that was here before" {
    printf '#!/bin/sh\necho "before: $*"\ncat\nexit 0\n' >"$top/chained"
    chmod +x "$top/chained"
    SLIPWAY=0 run_hook "$(push_line refs/tags/v1)" --chained "$top/chained"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "before: origin $remote" ]
    [ "${lines[1]}" = "$(push_line refs/tags/v1)" ]
    lacks worker
}

@test "the hook that was here before runs first and may stop the push" {
    printf '#!/bin/sh\ncat >/dev/null\nexit 3\n' >"$top/chained"
    chmod +x "$top/chained"
    run_hook "$(push_line refs/tags/v1)" --chained "$top/chained"
    [ "$status" -eq 3 ]
    lacks worker
    printf 'cat >/dev/null\necho no shebang\n' >"$top/chained"
    run_hook "$(push_line refs/tags/v1)" --chained "$top/chained"
    [ "$status" -eq 7 ]
    has "no shebang"
    has "worker"
    run_hook "" --chained "$top/chained"
    [ "$status" -eq 0 ]
    has "no shebang"
}

@test "the hook that was here before is not passed over when it cannot be run" {
    readelf -d "$hook" | grep -q NEEDED && skip "the loader needs descriptors, too"
    printf '#!/bin/sh\nexit 0\n' >"$top/chained"
    chmod +x "$top/chained"
    echo "(delete) $zero refs/tags/v1 $commit" >"$top/line"
    run sh -c 'ulimit -n 3; exec "$0" --chained "$1" origin "$2"' "$hook" "$top/chained" "$remote" <"$top/line"
    [ "$status" -eq 1 ]
    has "cannot run '$top/chained'"
}

@test "5000 refs in one push" {
    for i in $(seq 5000); do
        echo "refs/heads/b$i $commit refs/heads/b$i $zero"
    done >"$top/many"
    run "$hook" origin "$remote" <"$top/many"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    push_line refs/tags/v1 >>"$top/many"
    run "$hook" origin "$remote" <"$top/many"
    [ "$status" -eq 7 ]
    [ "${#lines[@]}" -eq 5002 ]
}

@test "a worker that is not there is told with the way out" {
    SLIPWAY_BIN=$top/nowhere run_hook "$(push_line refs/tags/v1)"
    [ "$status" -eq 1 ]
    has "git push --no-verify"
}

@test "a repository with SHA-256 object ids" {
    git init -q --object-format=sha256 "$top/sha256"
    cd "$top/sha256"
    cp "$work/.slipway.yaml" .
    git add -A
    git commit -qm one
    commit=$(git rev-parse HEAD)
    zero=$zero${zero:0:24}
    run_hook "$(push_line refs/tags/v1)"
    [ "$status" -eq 7 ]
    run_hook "$(push_line refs/heads/v1)"
    [ "$status" -eq 0 ]
}

# commits N: N commits on top of main, each with another tree; their ids.
commits() {
    for i in $(seq "$1"); do
        printf 'commit refs/heads/many\ncommitter a <a@b> 1700000000 +0000\ndata 1\nx\nfrom %s\n' "$commit"
        printf 'M 644 inline number\ndata <<END\n%s\nEND\n\nreset refs/many/%s\nfrom refs/heads/many\n\n' "$i" "$i"
    done | git fast-import --quiet --force
    git for-each-ref --format='%(objectname)' refs/many
}

@test "many commits: nothing to do is found, and what is to do too" {
    pushed=$(commits 40 | while read -r id; do push_line "refs/heads/b$id" "$id"; done)
    run_hook "$pushed"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    # A tag of a tag among them.
    git tag -am one first
    git tag -am two v2.0.0 first
    run_hook "$pushed
$(push_line refs/tags/v2.0.0 "$(git rev-parse v2.0.0)")"
    [ "$status" -eq 7 ]
    has "refs/tags/v2.0.0"
    # One commit has both names, one has a link, one object is not there: the worker's to tell.
    cp .slipway.yaml .slipway.yml
    git add -A && git commit -qm both
    run_hook "$pushed
$(push_line refs/heads/both "$(git rev-parse HEAD)")"
    [ "$status" -eq 7 ]
    git rm -q .slipway.yml .slipway.yaml
    ln -s werf.yaml .slipway.yml
    git add -A && git commit -qm link
    run_hook "$pushed
$(push_line refs/heads/link "$(git rev-parse HEAD)")"
    [ "$status" -eq 7 ]
    run_hook "$pushed
$(push_line refs/heads/gone "${commit//[0-9]/a}")"
    [ "$status" -eq 7 ]
    # A commit without rules and a tag of a tree ask for nothing.
    git rm -q .slipway.yml
    git commit -qm none
    run_hook "$pushed
$(push_line refs/tags/v3 "$(git rev-parse HEAD)")
$(push_line refs/tags/v4 "$(git rev-parse HEAD^{tree})")"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "many commits with SHA-256 object ids" {
    git init -q --object-format=sha256 "$top/sha256"
    cp .slipway.yaml "$top/sha256"
    cd "$top/sha256"
    for i in $(seq 12); do
        echo "$i" >n
        git add -A
        git commit -qm "$i"
    done
    pushed=$(git rev-list HEAD | while read -r id; do echo "refs/heads/$id $id refs/heads/$id ${zero}000000000000000000000000"; done)
    run_hook "$pushed"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run_hook "${pushed//refs\/heads/refs/tags}"
    [ "$status" -eq 0 ]
    run_hook "${pushed//refs\/heads\//refs/tags/v}"
    [ "$status" -eq 7 ]
}
