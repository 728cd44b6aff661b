# What tags says of odd projects. No registry, no builder.

load helper

setup() {
    prepare
    git rm -q .slipway.yaml
}

commit() {
    git add -A
    git commit -qm "${1:-change}"
}

# images NAME...: a werf.yaml with these, each with NAME/Dockerfile.
images() {
    printf 'configVersion: 1\nproject: shop\n' >werf.yaml
    for name; do printf -- '---\nimage: %s\ndockerfile: %s.df\n' "$name" "$name" >>werf.yaml; done
}

@test "two images whose ignore files differ only in '!' or order are told of" {
    images a b c
    for name in a b c; do printf 'FROM scratch\nCOPY . /x\n' >$name.df; done
    mkdir src docs
    touch src/x docs/y
    printf 'docs\n!src\n' >a.df.dockerignore
    printf 'docs\nsrc\n' >b.df.dockerignore
    printf 'docs\nsrc\n.git\n' >c.df.dockerignore
    commit
    run slipway tags
    [ "$status" -eq 0 ]
    has "werf may give it the digest of 'a'"
    lacks "digest of 'b'"
    lacks "digest of 'c'"
    alone=$(slipway tags b 2>&1)
    lacks_in() { [[ "$alone" != *"werf may"* ]]; }
    lacks_in
    has "$(grep -oE '[0-9a-f]{56}' <<<"$alone")"
}

@test "--explain shows every kind of ingredient and where it is from" {
    cat >werf.yaml <<'END'
configVersion: 1
project: shop
---
image: all
dockerfile: all.df
target: last
args: {GIVEN: here}
addHost: ["db:10.0.0.1"]
cacheVersion: v7
imageSpec:
  config:
    labels: {team: shop}
END
    cat >all.df <<'END'
ARG BASE=busybox
FROM ${BASE}:1 AS first
ARG GIVEN=default
ENV PATH_=/x
COPY api /srv/
ONBUILD RUN echo built
RUN --mount=type=cache,target=/c make ${GIVEN}
FROM first AS last
COPY --from=first /srv /srv
CMD ["run"]
FROM last AS later
RUN never
END
    commit
    run slipway tags --explain all
    [ "$status" -eq 0 ]
    for text in 'werf.yaml: addHost' 'db:10.0.0.1' 'all.df:2' 'ARG GIVEN=here' 'ENV PATH_=/x' \
        'files and directories: api' 'make here' 'all.df:9' 'CMD [run]' 'RUN echo built' \
        'werf.yaml: cacheVersion' v7 'stage imageSpec' 'werf.yaml: imageSpec.labels' team; do
        has "$text"
    done
    lacks never
    before=$(git rev-parse HEAD)
    sed -i 's/v7/v8/; s/team: shop/team: two/; s/here/there/' werf.yaml
    commit
    run slipway tags --diff "$before" HEAD all
    [ "$status" -eq 0 ]
    for text in '- werf.yaml: cacheVersion' '+ werf.yaml: cacheVersion' 'ARG GIVEN=there' '+ werf.yaml: imageSpec.labels' two; do
        has "$text"
    done
    lacks 'ENV PATH_'
}

@test "--diff over a change of templates" {
    sed -i 's/GREETING: hello/GREETING: {{ include "greeting" . }}/' werf.yaml
    mkdir .werf
    echo '{{ define "greeting" }}{{ .Files.Get "GREETING" | trim }}{{ end }}' >.werf/g.tmpl
    echo salve >GREETING
    commit
    echo ave >GREETING
    commit
    run slipway tags --diff HEAD~1 HEAD api
    [ "$status" -eq 0 ]
    has "ARG GREETING=salve"
    has "ARG GREETING=ave"
    run slipway tags --diff HEAD~2 HEAD api
    has "ARG GREETING=hello"
}

@test "cycles, missing images, wrong targets, binary Dockerfiles: one error with the place" {
    images a b
    printf 'FROM scratch\n' >a.df
    printf 'FROM scratch\n' >b.df
    printf 'dependencies: [{image: a, imports: [{type: ImageName, targetBuildArg: A}]}]\n' >>werf.yaml
    sed -i 's/^dockerfile: a.df/&\ndependencies: [{image: b, imports: [{type: ImageName, targetBuildArg: B}]}]/' werf.yaml
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has "werf.yaml"
    [ "$(grep -c '^error' <<<"$output")" -eq 1 ]

    images a
    printf 'dependencies: [{image: nobody, imports: [{type: ImageName, targetBuildArg: B}]}]\n' >>werf.yaml
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has nobody

    images a
    printf 'target: nowhere\n' >>werf.yaml
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has "a.df: the Dockerfile has no stage named 'nowhere'"
    has "hint: give the stage a name: FROM ... AS nowhere"
    printf 'FROM scratch AS Build\nFROM build AS run\n' >a.df
    commit
    run slipway tags
    has "hint: its stages, in lower case: build, run"

    images a
    printf 'FROM scratch\nRUN echo ${X\n' >a.df
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has "a.df:2: cannot expand 'RUN echo \${X': no '}' after '\${'"

    images a
    head -c 3000 /dev/urandom >a.df
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has "image 'a': a.df:"
    [[ "$output" != *$'\x01'* ]]

    git rm -q --cached a.df
    rm a.df
    commit
    run slipway tags
    [ "$status" -eq 3 ]
    has "no Dockerfile 'a.df' in the commit"
    has "hint: did you mean 'b.df'?"
    git rm -q b.df
    commit
    run slipway tags
    has "only what is committed counts"
    echo 'context: none' >>werf.yaml
    commit
    run slipway tags
    has "hint: the context of the image, 'none', is not in the commit"
    run slipway tags --commit v9
    [ "$status" -eq 12 ]
    has "hint: \`git fetch --tags\` brings"
}

@test "a submodule that .gitmodules does not list: where it is met, and deep in what is taken whole" {
    images a
    mkdir -p deep/down/x
    touch deep/down/x/f
    printf 'FROM scratch\nCOPY deep /x\n' >a.df
    commit
    git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),deep/down/lib"
    git commit -qm gitlink
    run slipway tags # the id of the directory says it all
    [ "$status" -eq 0 ]
    if command -v buildah >/dev/null; then
        run slipway export --commit-only --repo "oci:$top/stages" --tag "oci:$top/out:%image%"
        [ "$status" -eq 3 ]
        has "image 'a': the build context: submodule 'deep/down/lib' is not in .gitmodules"
        has "git rm --cached 'deep/down/lib'"
    fi
    printf '**/*.md\n' >.dockerignore
    git add .dockerignore
    git commit -qm walked
    run slipway tags
    [ "$status" -eq 3 ]
    has "image 'a': a.df:2: submodule 'deep/down/lib' is not in .gitmodules"
    printf '[submodule "y"]\n\tpath = deep/down/x\n' >.gitmodules
    git add .gitmodules
    git commit -qm listed
    run slipway tags
    [ "$status" -eq 3 ]
    has ".gitmodules lists 'deep/down/x', but no submodule stands there"
}

@test "dir and env of the rules count for tags and why as they do for run" {
    mkdir svc
    images a

    sed -i 's/^dockerfile:.*/&\nargs: {MODE: "{{ .Env }}"}/' werf.yaml
    printf 'FROM scratch\nARG MODE\n' >a.df
    mv werf.yaml a.df svc
    printf 'version: 1\nrepo: oci:stages\ndir: svc\nenv: staging\nrules:\n  - {name: r, match: {tags: "v*"}, images: [a], to: ["oci:out:%%tag%%"]}\n' >.slipway.yaml
    commit
    git tag v1.0.0
    run slipway tags --explain a
    [ "$status" -eq 0 ]
    has 'ARG MODE=staging'
    digest=$(grep -oE 'stage dockerfile.*' <<<"$output" | grep -oE '[0-9a-f]{56}')
    put_stage "$work/stages" "$digest-1700000000000"
    run slipway run --ref v1.0.0 --dry-run --json
    has "oci:stages:$digest-1700000000000"
    run slipway why a
    has "$digest-1700000000000"
    run slipway tags --explain a --env other
    has 'ARG MODE=other'
    SLIPWAY_ENV=third run slipway tags --explain a
    has 'ARG MODE=third'
    sed -i 's/staging/production/' .slipway.yaml
    commit
    run slipway tags --diff HEAD~1 HEAD a
    has '- werf.yaml args            ARG MODE=staging' || has 'ARG MODE=staging'
    has 'ARG MODE=production'
    run slipway export --repo oci:stages --tag oci:out:v1 -n
    [ "$status" -eq 3 ]
    has werf.yaml
    git mv .slipway.yaml other-rules.yaml
    git config slipway.rulesFile other-rules.yaml
    git commit -qm renamed
    run slipway tags --explain a
    has 'ARG MODE=production'
    echo 'nonsense: [' >other-rules.yaml
    commit
    run slipway tags --dir svc
    [ "$status" -eq 0 ]
    has 'the rules of the commit are not followed: other-rules.yaml:'
}

@test "images that only werf can derive do not hide the others" {
    images a
    git_of='git: [{add: /, to: /src}]'
    printf -- '---\nimage: tools\nfrom: alpine:3\n%s\n' "$git_of" >>werf.yaml
    printf -- '---\nimage: b\ndockerfile: a.df\ndependencies: [{image: tools}]\n' >>werf.yaml
    echo 'FROM scratch' >a.df
    commit
    run slipway tags
    [ "$status" -eq 0 ]
    [[ "$output" =~ a\ +[0-9a-f]{56} ]]
    [[ "$output" =~ tools\ +\(stapel ]]
    [[ "$output" =~ b\ +\(rests\ on ]]
    has 'export those with werf'
    run slipway tags --json
    has '{"name":"tools","platform":null,"digest":null,"tag":null,"found":false}'
    run slipway tags 'b'
    [ "$status" -eq 4 ]
    run slipway tags --explain tools
    [ "$status" -eq 4 ]
    printf 'configVersion: 1\nproject: shop\n---\nimage: tools\nfrom: alpine:3\n%s\n' "$git_of" >werf.yaml
    commit
    run slipway tags
    [ "$status" -eq 4 ]
}

@test "a stapel image of werf.yaml alone has its digest without a repository" {
    printf 'configVersion: 1\nproject: shop\n---\nimage: app\nfrom: alpine:3.19\n' >werf.yaml
    printf 'shell:\n  install: [apk add curl, echo done]\n  setup: [echo setup]\n  setupCacheVersion: v1\n' >>werf.yaml
    commit
    run slipway tags
    [ "$status" -eq 0 ]
    has 1eb51ac2338c7f6828eb6e592587b526fca74d057e7b232f23a64718
    run slipway tags --explain app
    has 'werf.yaml: shell.install'
    has 'apk add curl'
    has f1a6f38e20b5ae5992bc526432b2e5084e38f8f9c70e577076b44857
}
