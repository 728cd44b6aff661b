# labels: registry builder
# What people see on a terminal: colours, progress, and data that stays apart from both.

load helper

setup() {
    top=$BATS_TEST_TMPDIR
    registry_pid=
    unset NO_COLOR CLICOLOR CLICOLOR_FORCE FORCE_COLOR CI ON_PTY
    export TERM=xterm-256color
    esc=$'\e'
}

teardown() {
    stop_registry
}

# on_terminal COLUMNS WORD...: stdin, stdout and stderr are a terminal.
on_terminal() {
    "$SLIPWAY_BUILD/tests/e2e/on_pty" "$@"
}

colored() {
    [[ "$output" == *"$esc["* ]] || { printf 'no colour: %q\n' "$output"; return 1; }
}

plain_text() {
    [[ "$output" != *"$esc"* ]] || { printf 'colour: %q\n' "$output"; return 1; }
}

@test "colours: on a terminal, and as the variables and options say" {
    prepare
    run on_terminal 80 slipway check nowhere
    [ "$status" -eq 12 ]
    has "$esc[1;31merror:$esc[0m no commit 'nowhere'"
    for off in NO_COLOR=1 TERM=dumb CLICOLOR=0; do
        run on_terminal 80 env "$off" slipway check nowhere
        [ "$status" -eq 12 ]
        plain_text
    done
    run on_terminal 80 slipway check nowhere --color=never
    plain_text
    # As git itself: slipway.color, else color.ui; an option and the variables win.
    git config color.ui false
    run on_terminal 80 slipway check nowhere
    plain_text
    git config slipway.color auto
    run on_terminal 80 slipway check nowhere
    colored
    git config slipway.color always
    run slipway check nowhere
    colored
    run env NO_COLOR=1 slipway check nowhere
    plain_text
    run slipway check nowhere --color=auto
    plain_text
    git config slipway.color never
    run on_terminal 80 slipway check nowhere --color=auto
    colored
    run on_terminal 80 slipway check nowhere
    plain_text
    git config --unset slipway.color
    git config --unset color.ui
    run on_terminal 80 env NO_COLOR= slipway check nowhere # set, but empty
    colored
    run on_terminal 80 env TERM=dumb CLICOLOR_FORCE=1 slipway check nowhere
    colored
    run on_terminal 80 env NO_COLOR=1 FORCE_COLOR=1 slipway check nowhere
    plain_text
    run on_terminal 80 env NO_COLOR=1 slipway check nowhere --color always
    colored
    # Not a terminal.
    run slipway check nowhere
    plain_text
    run env FORCE_COLOR=1 slipway check nowhere
    colored
    run env FORCE_COLOR=0 slipway check nowhere
    plain_text
    run slipway check nowhere --color sometimes
    [ "$status" -eq 2 ]
}

@test "--json: stdout is one document, with colours on a terminal beside it" {
    prepare
    git tag v1.0.0
    git push -q origin main v1.0.0
    slipway init --print >/dev/null
    for words in 'run --ref v1.0.0 -n' 'audit' 'check' 'tags' 'version' 'doctor' 'jobs list' 'ci --ref refs/tags/v1.0.0 -n' \
        'config list' 'export --repo oci:nothing --tag oci:x:%image% -n' 'run --ref nowhere' 'check nowhere'; do
        echo "--- $words"
        # shellcheck disable=SC2086
        ON_PTY=stderr on_terminal 80 bash -c 'out=$1; shift; exec slipway "$@" >"$out"' - "$top/out" $words --json --color always >"$top/err" || true
        python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$top/out"
        ! grep -q "$esc" "$top/out"
    done
}

@test "progress: one line that is rewritten, cut to a narrow terminal, and gone at the end" {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    start_registry "$top/registry"
    prepare "oci:$top/stages" "127.0.0.1:$registry_port/shop/release"
    git tag v1.0.0
    git push -q origin main v1.0.0
    run on_terminal 24 slipway run --ref v1.0.0 --insecure-registry
    [ "$status" -eq 0 ]
    has "$(printf '\r')$esc[K"
    # No piece that is rewritten is wider than the terminal.
    printf '%s' "$output" | tr '\r' '\n' | sed -n "s/^$esc\[K//p" | grep -v ': written$' >"$top/pieces"
    [ -s "$top/pieces" ]
    ! grep -E '^.{24,}$' "$top/pieces"
    # Neither in CI nor without a terminal, nor when it is not wanted.
    run on_terminal 80 env CI=true slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:a"
    [ "$status" -eq 0 ]
    lacks "$esc[K"
    run on_terminal 80 slipway export --progress plain --insecure-registry --repo "$stages" --tag "$release/%image%:b"
    lacks "$esc[K"
    run slipway export --insecure-registry --repo "$stages" --tag "$release/%image%:c"
    lacks "$esc"
}

@test "git push: lines that stay, colours as elsewhere" {
    prepare
    slipway install
    git push -q origin main
    git tag v1.0.0
    run on_terminal 40 git push -q origin v1.0.0
    [ "$status" -eq 0 ]
    has "slipway: web: building with buildah"
    has "slipway: v1.0.0: the names follow once 'origin' has the ref; to watch: slipway wait v1.0.0"
    # Nothing is rewritten: git and what stands around it have the terminal, too.
    lacks "$(printf '\r')"
    slipway wait v1.0.0 --timeout 60s
    sed -i 's/^rules:/rulez:/' .slipway.yaml
    git commit -qam typo
    git tag v2.0.0
    run on_terminal 80 git push -q origin v2.0.0
    [ "$status" -ne 0 ]
    has "slipway: $esc[1;31merror:$esc[0m "
    has "slipway: $esc[36mhint:$esc[0m "
    for off in NO_COLOR=1 TERM=dumb; do
        run on_terminal 80 env "$off" git -c color.push=never push -q origin v2.0.0
        [ "$status" -ne 0 ]
        has "slipway: error: "
        plain_text
    done
    run git push -q origin v2.0.0
    plain_text
}

@test "git push: Ctrl-C ends the builder and leaves no name, no job and no file; the next push works" {
    prepare
    slipway install
    git push -q origin main
    slow_builder
    export TMPDIR=$top/tmp
    mkdir "$TMPDIR"
    git tag v1.0.0
    for when in prepare export; do
        rm -f "$top/began"
        ON_PTY_INTERRUPT=$top/began run on_terminal 80 git push origin v1.0.0
        [ "$status" -ne 0 ]
        until_gone "$(cat "$top/began")"
        for _ in $(seq 600); do # the hook has ended when its directory is gone
            [ -n "$(ls "$TMPDIR")" ] || break
            sleep 0.1
        done
        [ -z "$(ls "$TMPDIR")" ]
        [ -z "$(find .git/slipway -name '*.json*')" ]
        [ -z "$(git ls-remote origin v1.0.0)" ]
        [ ! -e "$top/release" ]
        [ "$when" = prepare ] || break
        sed -i 's/^  - name: release/&\n    when: {pre-push: export}/' .slipway.yaml
        git commit -qam export
        git tag -f v1.0.0
    done
    touch "$top/go"
    run on_terminal 80 git push -q origin v1.0.0
    [ "$status" -eq 0 ]
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}
