# Why the digest of an image is what it is. Stages are made by hand; nothing is built.

load helper

setup() {
    prepare
    echo two >web/site/second.html
    git add -A
    git commit -qm 'web: a second page'
    echo 'echo hi' >>api/server.sh
    git commit -qam 'api: say hi'
    git commit -q --allow-empty -m nothing
    git rm -q web/site/second.html
    echo three >web/site/index.html
    git add -A
    git commit -qm 'web: another first page'
}

# stage_of REV IMAGE [PLATFORM]: put its stage into the repository.
stage_of() {
    local digest
    digest=$(slipway tags --commit "$1" --json ${3:+--platform "$3"} "$2" | grep -o '"digest": *"[0-9a-f]*"' | head -n 1 | grep -oE '[0-9a-f]{56}')
    put_stage "${stages#oci:}" "$digest-1700000000000"
}

# after WORDS: the output holds them; what follows is in $rest.
after() {
    has "$1"
    rest=${output#*"$1"}
}

@test "the nearest earlier commit with a stage, what differs, and who brought it" {
    stage_of HEAD~4 web
    run slipway why web
    [ "$status" -eq 0 ]
    has "looked for in $stages: not there"
    has "4 commits back"
    has "shop: two images"
    has "M web/site/index.html"
    after "brought by:"
    [[ "$rest" == *"web: another first page"*"- web/site/second.html"*"web: a second page"*"+ web/site/second.html"* ]]
    [[ "$rest" != *"api: say hi"* ]]
    [[ "$rest" != *nothing* ]]
    has "file werf.yaml"
}

@test "an image that is there: what it was before" {
    stage_of HEAD web
    stage_of HEAD~4 web
    run slipway why web
    [ "$status" -eq 0 ]
    has "looked for in $stages: found "
    has "4 commits back"
    run slipway why web HEAD~4
    has "no earlier commit"
    has "all of the history"
}

@test "without a stage repository the nearest commit with another digest will do" {
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    run slipway why api
    [ "$status" -eq 0 ]
    has "not looked for"
    has "4 commits back"
    has "M api/server.sh"
}

@test "only as far as --depth; a shallow clone says where history ends" {
    stage_of HEAD~4 web
    run slipway why --depth 2 web
    [ "$status" -eq 0 ]
    has "among 2 commits"
    has "\`--depth\` looks further back"
    git push -q origin main
    git clone -q --depth 3 "file://$remote" "$top/shallow"
    cd "$top/shallow"
    run slipway why web
    [ "$status" -eq 0 ]
    has "among 2 commits"
    has "git fetch --unshallow"
}

@test "a merge: the commit of the branch brought it, not the merge" {
    stage_of HEAD web
    git checkout -q -b topic
    echo four >web/site/fourth.html
    git add -A
    git commit -qm 'web: a fourth page'
    git checkout -q main
    echo 'echo ho' >>api/server.sh
    git commit -qam 'api: say ho'
    git merge -q --no-ff -m 'merge topic' topic
    run slipway why web
    [ "$status" -eq 0 ]
    after "brought by:"
    [[ "$rest" == *"web: a fourth page"*"+ web/site/fourth.html"* ]]
    [[ "$rest" != *"merge topic"* && "$rest" != *"api: say ho"* ]]
}

@test "what templates read; commits without such an image are passed over" {
    sed -i 's/GREETING: hello/GREETING: {{ env "CHANNEL" "x" }}{{ .Files.Get "VERSION" | trim }}/' werf.yaml
    printf 'giterminismConfigVersion: 1\nconfig: {goTemplateRendering: {allowEnvVariables: [CHANNEL]}}\n' >werf-giterminism.yaml
    sed 's/^image: api/image: new/' werf.yaml | sed -n '/^image: new/,/^---/p' | grep -v -- --- >new.txt
    { echo ---; cat new.txt; } >>werf.yaml
    rm new.txt
    echo 1 >VERSION
    git add -A
    git commit -qm 'a version'
    echo 2 >VERSION
    git commit -qam 'version 2'
    CHANNEL= run slipway why new
    [ "$status" -eq 0 ]
    has "environment variable CHANNEL (not set)"
    has "file VERSION"
    has "have no digest of this image"
    stage_of HEAD~1 api
    run slipway why api
    has "1 commit back"
    has "+ api/Dockerfile:2"
    has "ARG GREETING=x2"
}

@test "an image that rests on another one's stage" {
    cat >>werf.yaml <<'END'
---
image: shell
dockerfile: shell/Dockerfile
dependencies:
  - image: web
    imports: [{type: ImageName, targetBuildArg: WEB}]
END
    mkdir shell
    printf 'FROM busybox:1\nARG WEB\nCOPY web /x\n' >shell/Dockerfile
    git add -A
    git commit -qm 'a shell'
    run slipway why shell
    [ "$status" -eq 0 ]
    has "rests on image 'web', which is not built"
    stage_of HEAD web
    stage_of HEAD shell
    sed -i 's/busybox:1/busybox:2/' shell/Dockerfile
    git commit -qam 'another base'
    run slipway why shell
    [ "$status" -eq 0 ]
    has "- shell/Dockerfile:1"
    has "+ shell/Dockerfile:1"
    has "FROM busybox:2 enters by its name alone"
    has "1 commit back"
}

@test "several platforms have an answer each" {
    stage_of HEAD~4 web linux/arm64
    run slipway why --platform linux/amd64,linux/arm64 web
    [ "$status" -eq 0 ]
    after "image web, linux/amd64"
    [[ "${rest%%image web, *}" == *"no earlier commit"* ]]
    after "image web, linux/arm64"
    [[ "$rest" == *"4 commits back"* ]]
}

@test "JSON, unknown words, exit 5 names the command" {
    stage_of HEAD~4 web
    run slipway why --json web
    [ "$status" -eq 0 ]
    has '"distance":4,"digest":"'
    has '"files":[{"path":"web/site/index.html","change":"M"}],"more_files":0'
    has '"brought_by":[{"commit":"'
    has '"read":{"files":["werf.yaml"],"globs":[],"variables":[]},"search":{"commits":4,"unreadable":0,"all":false,"shallow":false}'
    run slipway why wep
    [ "$status" -eq 2 ]
    has "did you mean 'web'?"
    run slipway why
    [ "$status" -eq 2 ]
    run slipway why --depth -1 web
    [ "$status" -eq 2 ]
    run slipway why web nowhere
    [ "$status" -eq 12 ]
    run slipway export -Z --repo "$stages" --tag "$release/%image%:v1" web
    [ "$status" -eq 5 ]
    has "slipway why --repo $stages 'web' $(git rev-parse --short=12 HEAD)"
}
