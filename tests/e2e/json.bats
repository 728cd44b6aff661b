# labels: builder
# Documents of --json: the members of each are those that slipway-json(5) lists, no more, no less.

load helper

setup() {
    command -v python3 >/dev/null || skip "python3 is not on PATH"
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
    page=$BATS_FILE_TMPDIR/prefix/share/man/man5/slipway-json.5
    n=0
}

# doc WORD...: run, and keep the document; with STATUS=N it ends so.
doc() {
    local status=0
    n=$((n + 1))
    slipway "$@" --json >"$top/doc$n" 2>"$top/err" || status=$?
    [ "$status" -eq "${STATUS:-0}" ] || { echo "exit $status"; cat "$top/err"; return 1; }
}

listed() { # all|each FORM
    python3 "$BATS_TEST_DIRNAME/json_forms.py" "$1" "$page" "$2" "$top"/doc*
}

@test "every command that takes --json has a form" {
    for words in $(slipway -h | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | tr ' ' '+'); do
        words=${words/+/ }
        # shellcheck disable=SC2086 # two words
        slipway $words -h | grep -q -- ' --json ' || continue
        case $words in
        export | run | ci | wait | audit | sync) grep -qE "^\.Ic .*\b$words\b" "$page" ;;
        *) grep -qE "^\.Ss (.*, )?$words(,|$)" "$page" ;;
        esac
    done
}

@test "reports: export, run, ci, wait, audit, sync" {
    local to=(--repo "$stages" --tag "oci:$top/by-hand/%image%:v1")
    doc export -n "${to[@]}"
    doc export "${to[@]}"
    STATUS=8 doc export --check --add-label team=shop "${to[@]}"
    STATUS=3 doc export --config nowhere.yaml "${to[@]}"
    git tag v1.0.0
    git push -q origin v1.0.0
    doc wait v1.0.0
    STATUS=2 doc wait v2.0.0
    doc run --ref v1.0.0 -n
    doc run --ref v1.0.0 --report "$top/doc-report"
    doc ci --ref refs/tags/v1.0.0 --output-file "$top/doc-output" --format json
    doc audit
    STATUS=7 doc audit --remote /nowhere
    rm -r "$top/release"
    STATUS=10 doc audit
    STATUS=10 doc sync -n
    doc sync
    sed -i 's/^image: web/imagee: web/' werf.yaml
    git commit -qam wrong
    git tag v1.0.1
    STATUS=3 doc run --ref v1.0.1
    STATUS=3 doc ci --ref refs/tags/v1.0.1
    listed all Report
}

@test "a document of wait and sync tells what a push left behind" {
    git tag v1.0.0
    SLIPWAY_FINISHER=0 git push -q origin v1.0.0
    slipway wait v1.0.0 --json --report "$top/report" >"$top/doc1" 2>/dev/null
    cmp "$top/doc1" "$top/report"
    grep -q '"trigger":"pre-push","status":"exported"' "$top/doc1"
    grep -q '"git_ref":"refs/tags/v1.0.0","rule":"release","required":true,"image":"web"' "$top/doc1"
    listed each Report
}

@test "tags" {
    doc tags
    doc tags --repo "oci:$top/none" --platform linux/amd64 --platform linux/arm64
    listed all tags
}

@test "tags --explain and --diff" {
    doc tags --explain web
    listed all "tags --explain"
    rm "$top"/doc*
    echo more >web/site/more.html
    sed -i 's/^FROM.*/&\nLABEL a=b/' web/Dockerfile
    git add -A
    git commit -qm more
    doc tags --diff HEAD~1 HEAD web
    grep -q '"files":\[{"path":"web/site/more.html","change":"+"}' "$top/doc$n"
    doc tags --diff HEAD HEAD web
    listed all "tags --diff"
}

@test "why" {
    cat >>werf.yaml <<END
---
image: {{ env "NAME" "based" }}
dockerfile: based/Dockerfile
args: {V: '{{ range \$path, \$text := .Files.Glob "based/*" }}{{ \$path }}{{ end }}'}
END
    printf 'giterminismConfigVersion: 1\nconfig: {goTemplateRendering: {allowEnvVariables: [NAME]}}\n' >werf-giterminism.yaml
    mkdir based
    printf 'FROM registry.example/base:1\nCOPY . /\n' >based/Dockerfile
    git add -A
    git commit -qm based
    put_stage "$top/stages" "$(slipway tags --repo "oci:$top/stages" based | grep -oE '[0-9a-f]{56}')-1700000000000"
    echo 2 >two
    git add -A
    git commit -qm two
    doc why based --repo "oci:$top/stages"
    doc why api
    listed all why
}

@test "check" {
    doc check
    printf '  - name: release\n    frobnicate: true\n' >>.slipway.yaml
    sed -i 's/^image: web/imagee: web/' werf.yaml
    git commit -qam wrong
    STATUS=3 doc check
    listed all check
}

@test "config" {
    cat >>werf.yaml <<'END'
---
image: more
dockerfile: web/Dockerfile
dependencies:
- image: api
  imports: [{type: ImageName, targetBuildArg: X}]
END
    git commit -qam more
    doc config list
    doc config graph
    cmp "$top/doc1" "$top/doc2"
    listed all "config list"
    listed all "config graph"
    rm "$top"/doc*
    doc config render
    listed all "config render"
}

@test "doctor" {
    doc doctor
    slipway uninstall
    STATUS=1 doc doctor
    listed all doctor
}

@test "jobs" {
    doc jobs list
    # A remote that takes pushes and answers no question before $top/may-ask is there.
    printf '#!/bin/sh\nfor c; do :; done\ncase $c in *upload-pack*) [ -e %s/may-ask ] || exit 255 ;; esac\nexec sh -c "$c"\n' "$top" >"$top/ssh"
    chmod +x "$top/ssh"
    export GIT_SSH_COMMAND="$top/ssh" GIT_SSH_VARIANT=simple
    git remote set-url origin "ssh://example.com$remote"
    git tag v1.0.0
    git push -q origin v1.0.0
    doc jobs show v1.0.0
    grep -q '"state":"waiting".*"report":null' "$top/doc$n"
    touch "$top/may-ask"
    mv "$top/release/api" "$top/kept"
    touch "$top/release/api" # no image layout
    run slipway wait v1.0.0
    echo "$output"
    [ "$status" -ne 0 ]
    doc jobs show v1.0.0
    grep -q '"state":"failed".*"error":{"class":"[a-z]*","code":[0-9]*,"message":".*"report":{"schema":1' "$top/doc$n"
    rm "$top/release/api"
    mv "$top/kept" "$top/release/api"
    git tag v1.0.1
    git push -q origin v1.0.1
    slipway wait v1.0.1
    doc jobs show v1.0.1
    grep -q '"state":"done"' "$top/doc$n"
    mv "$top/doc1" "$top/lists"
    listed each "jobs show"
    rm "$top"/doc*
    mv "$top/lists" "$top/doc1"
    echo none >.git/slipway/jobs/new/x.json
    slipway hook finish
    doc jobs list
    listed all "jobs list"
}

@test "version" {
    doc version
    listed all version
}
