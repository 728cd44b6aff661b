# labels: builder registry
# Secrets in every place they may stand: none of them comes out anywhere.

load helper

setup() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    command -v htpasswd >/dev/null || skip "htpasswd missing"
    top=$BATS_TEST_TMPDIR
    registry_pid=
    htpasswd -Bbn shop MARKER-password >"$top/htpasswd"
    start_registry "$top/registry" "auth: {htpasswd: {realm: test, path: $top/htpasswd}}"
    host=127.0.0.1:$registry_port
    prepare "$host/shop/stages" "$host/shop/release"
    mkdir "$top/bin"
    export PATH=$top/bin:$PATH
}

teardown() {
    stop_registry
}

# A program that notes what every process on the machine is called, then does its work.
spy() { # NAME, its text on stdin
    {
        printf '#!/bin/sh\ncat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " >>"%s/processes"\n' "$top"
        cat
    } >"$top/bin/$1"
    chmod +x "$top/bin/$1"
}

secrets_everywhere() {
    spy buildah <<END
exec $(PATH=${PATH#*:} command -v buildah) "\$@"
END
    spy docker-credential-spy <<'END'
cat >/dev/null
echo '{"Username":"shop","Secret":"MARKER-password"}'
END
    printf '{"credHelpers":{"%s":"spy"},"auths":{"other.example":{"auth":"%s","identitytoken":"MARKER-identity"},
        "third.example":{"registrytoken":"MARKER-token"}}}' "$host" \
        "$(printf 'u:MARKER-auth' | base64 -w0)" >"$DOCKER_CONFIG/config.json"
    echo MARKER-file >"$top/secret-file"
    export DB_PASSWORD=MARKER-variable API_TOKEN=MARKER-token SLIPWAY_SECRET=MARKER-slipway
    cat >werf.yaml <<END
configVersion: 1
project: shop
---
image: api
dockerfile: api/Dockerfile
secrets:
  - env: DB_PASSWORD
  - id: of-file
    src: $top/secret-file
  - id: inline
    value: MARKER-inline
END
    cat >werf-giterminism.yaml <<END
giterminismConfigVersion: 1
config:
  secrets:
    allowEnvVariables: [DB_PASSWORD]
    allowFiles: ["$top/secret-file"]
    allowValueIds: [inline]
END
    cat >>api/Dockerfile <<'END'
RUN --mount=type=secret,id=inline ["/bin/busybox", "grep", "-q", "MARK[E]R-inline", "/run/secrets/inline"]
END
    # The address of the remote, as a person typed it.
    printf '#!/bin/sh\nfor command in "$@"; do :; done\nexec sh -c "$command"\n' >"$top/ssh"
    chmod +x "$top/ssh"
    export GIT_SSH_COMMAND="$top/ssh" GIT_SSH_VARIANT=simple
    git remote set-url origin "ssh://person:MARKER-url@example.com$remote"
    git config slipway.insecureRegistry true
    git add -A
    git commit -qm 'secrets'
}

# Nothing in these files, as it is or in base64.
no_marker_in() { # FILES
    local found=0 word
    for word in MARKER "$(printf 'shop:MARKER-password' | base64 -w0)" "$(printf 'u:MARKER-auth' | base64 -w0)" \
        "$(printf MARKER-password | base64 -w0)"; do
        ! grep -raF -- "$word" "$@" || found=1
    done
    [ "$found" -eq 0 ]
}

@test "a push, the finisher, and all that one can look at afterwards" {
    secrets_everywhere
    export SLIPWAY_VERBOSE=1 SLIPWAY_TRACE=1
    slipway install >"$top/out-install" 2>&1
    git tag v1.0.0
    git push origin v1.0.0 >"$top/out-push" 2>&1
    slipway wait v1.0.0 --timeout 60s >"$top/out-wait" 2>&1
    slipway jobs list >"$top/out-list" 2>&1
    slipway jobs list --json >"$top/out-json" 2>&1
    slipway jobs show v1.0.0 >"$top/out-show" 2>&1
    slipway run -v --ref v1.0.0 --report "$top/out-report" >"$top/out-run" 2>&1
    slipway run -v --ref v1.0.0 --dry-run --json >"$top/out-plan" 2>&1
    slipway sync -v >"$top/out-sync" 2>&1
    slipway audit -v --json >"$top/out-audit" 2>&1
    slipway doctor >"$top/out-doctor" 2>&1 || true
    slipway check >"$top/out-check" 2>&1
    [ -s "$top/processes" ] # the builder and the helper looked
    grep -q docker-credential-spy "$top/processes"
    grep -q 'buildah build' "$top/processes"
    # git itself hands the address of the remote to ssh; everything else is ours.
    sed 's,person:MARKER-url@example.com,,g' "$top/processes" >"$top/out-processes"
    no_marker_in "$top"/out-* .git/slipway
    grep -q 'ssh://person@example.com' "$top/out-show"
}

@test "failures say no secret either" {
    secrets_everywhere
    slipway install >"$top/out-install" 2>&1
    export SLIPWAY_VERBOSE=1
    git tag v1.0.0
    spy docker-credential-spy <<'END'
cat >/dev/null
echo '{"Username":"shop","Secret":"MARKER-wrong"}'
echo 'MARKER on stderr' >&2
END
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    printf '%s\n' "$output" >"$top/out-denied"
    has "slipway: error: "
    # The helper says something that is no answer, and fails.
    for last in "echo MARKER-garbage" "echo '{\"Secret\":\"MARKER-broken'" "echo MARKER-failed; exit 1"; do
        printf 'cat >/dev/null\n%s\n' "$last" | spy docker-credential-spy
        run git push origin v1.0.0
        [ "$status" -ne 0 ]
        printf '%s\n' "$output" >>"$top/out-helper"
    done
    spy docker-credential-spy <<'END'
cat >/dev/null
echo '{"Username":"shop","Secret":"MARKER-password"}'
END
    # A builder that fails, and tells all it knows: its output is shown, but not what we gave it.
    printf 'exit 1\n' | spy buildah
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    printf '%s\n' "$output" >"$top/out-builder"
    # A remote that cannot be asked.
    git remote set-url origin "https://person:MARKER-url@127.0.0.1:1/x.git"
    slipway audit >"$top/out-audit" 2>&1 || true
    slipway sync >"$top/out-sync" 2>&1 || true
    slipway run --ref v1.0.0 >"$top/out-run" 2>&1 || true
    [ -s "$top/out-audit" ]
    no_marker_in "$top"/out-*
    [ ! -d .git/slipway ] || no_marker_in .git/slipway
}

@test "JSON, reports and files of a CI job hold no secret, whatever the builder and the lock server say" {
    secrets_everywhere
    mkdir "$top/out"
    # The builder tells all it knows, what the job's environment holds, too.
    spy buildah <<'END'
cat /proc/self/environ "$(printf '%s\n' "$@" | sed -n 's/^id=of-file,src=//p')" | tr '\0' '\n'
cat >/dev/null
echo "pushed to https://u:MARKER-in-url@host/x?X-Amz-Signature=MARKER-signature"
echo "inline is MARKER-inline, of the file MARKER-file"
exit 1
END
    export CI=true GITHUB_ACTIONS=true GITHUB_REF=refs/tags/v1.0.0 GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1.0.0 \
        GITHUB_EVENT_NAME=push GITHUB_OUTPUT=$top/out/output GITHUB_STEP_SUMMARY=$top/out/summary
    git tag v1.0.0
    GITHUB_SHA=$(git rev-parse HEAD) run slipway ci -v --json --report "$top/out/report" --output-file "$top/out/file" --format json
    [ "$status" -eq 9 ]
    printf '%s\n' "$output" >"$top/out/said"
    grep -q '"class":"build"' "$top/out/report"
    no_marker_in "$top"/out/*

    # A lock server whose address holds a password, outside of CI.
    unset CI GITHUB_ACTIONS DB_PASSWORD API_TOKEN SLIPWAY_SECRET
    run slipway export api --insecure-registry --repo "$stages" --tag "$release/%image%:v1" --json --report "$top/out/lock" \
        -S "http://u:MARKER-lock@127.0.0.1:9/locks?token=MARKER-query"
    printf '%s\n' "$output" >"$top/out/said"
    HTTPS_PROXY=http://u:MARKER-proxy@127.0.0.1:9 run slipway export api --repo registry.example/shop/stages \
        --tag registry.example/shop/app:v1 --json --report "$top/out/proxy"
    [ "$status" -eq 75 ] || { echo "$status $output" && return 1; }
    printf '%s\n' "$output" >>"$top/out/said"
    no_marker_in "$top"/out/*
}
