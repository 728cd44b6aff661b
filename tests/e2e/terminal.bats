# labels: registry builder
# What people see on a terminal: colours, progress, and data that stays apart from both.

setup_file() {
    load helper
    install_slipway
}

setup() {
    load helper
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
