# slipway init: first files, shown, never overwritten. slipway jobs: what is still to be done.

load helper

@test "init makes werf.yaml from Dockerfiles and rules that check" {
    git rm -q werf.yaml .slipway.yaml
    git remote set-url origin git@git.example:Acme/Shop.git
    run slipway init --print
    [ "$status" -eq 0 ]
    [ ! -e werf.yaml ]
    [ ! -e .slipway.yaml ]
    run slipway init --ci github
    [ "$status" -eq 0 ]
    has "--- werf.yaml"
    has "--- .slipway.yaml"
    has "--- .github/workflows/release-images.yml"
    has "repo: git.example/acme/shop/%image_slug%"
    has "slipway install"
    grep -q '^image: api' werf.yaml
    git add -A
    git commit -qm init
    run slipway check
    [ "$status" -eq 0 ]
    has "images: 2"
}

@test "init in a monorepo: short names, the contexts that the Dockerfiles mean" {
    git rm -rq .
    mkdir -p services/api services/web vendor/x
    printf 'FROM scratch\nCOPY . /\n' | tee services/api/Dockerfile vendor/x/Dockerfile >/dev/null
    printf 'FROM scratch\nCOPY services/web/x go.mod /\n' >services/web/Dockerfile
    touch services/api/x services/web/x vendor/x/x go.mod
    git remote set-url origin ssh://git@git.example:2222/acme/shop.git
    run slipway init --ci gitea
    [ "$status" -eq 0 ]
    has "vendor/x/Dockerfile is left out"
    has "images go to git.example/acme/shop"
    has "git add werf.yaml .slipway.yaml .gitea/workflows/release-images.yml && git commit"
    grep -q '^project: shop$' werf.yaml
    [ "$(grep -A2 '^image: api$' werf.yaml | tail -n 2 | tr '\n' ' ')" = "context: services/api dockerfile: Dockerfile " ]
    [ "$(grep -A1 '^image: web$' werf.yaml | tail -n 1)" = "dockerfile: services/web/Dockerfile" ]
    git add -A
    git commit -qm init
    run slipway check
    [ "$status" -eq 0 ]
    run slipway init
    [ "$status" -eq 0 ]
    has "nothing was written"
}

@test "init where there is nothing to release: nothing is written" {
    git rm -rq .
    echo x >README
    run slipway init --ci github
    [ "$status" -eq 3 ]
    has "no Dockerfile"
    [ "$(ls -A)" = "$(printf '.git\nREADME')" ]
}

@test "init overwrites nothing" {
    cp .slipway.yaml "$top/before"
    echo mine >Jenkinsfile
    run slipway init --ci jenkins
    [ "$status" -eq 0 ]
    has "the rules are there already"
    has "Jenkinsfile is there already"
    cmp .slipway.yaml "$top/before"
    [ "$(cat Jenkinsfile)" = mine ]
}

@test "init for each CI system, and for none that is known" {
    for ci in github gitlab gitea forgejo woodpecker jenkins; do
        run slipway init --ci "$ci"
        [ "$status" -eq 0 ]
        has "slipway ci"
    done
    rm -f .slipway.yaml
    run slipway init --ci nothing
    [ "$status" -eq 2 ]
    [ ! -e .slipway.yaml ]
}

@test "init --from-command" {
    git rm -q .slipway.yaml
    run slipway init --from-command 'werf export --repo r.example/s --tag "r.example/x/%image%:$CI_COMMIT_TAG"'
    [ "$status" -eq 0 ]
    has '- "r.example/x/%image%:%tag%"'
    rm .slipway.yaml
    run slipway init --from-command 'werf build'
    [ "$status" -eq 2 ]
    [ ! -e .slipway.yaml ]
}

@test "init without a Dockerfile, without a repository" {
    git rm -rq .
    run slipway init
    [ "$status" -eq 3 ]
    has Dockerfile
    mkdir "$top/nowhere"
    cd "$top/nowhere"
    GIT_CEILING_DIRECTORIES=$top run slipway init
    [ "$status" -ne 0 ]
}

@test "jobs: a refused push is listed, tried again, dropped" {
    printf '#!/bin/sh\nexit 1\n' >"$remote/hooks/pre-receive"
    chmod +x "$remote/hooks/pre-receive"
    sed -i 's/^  - name: release/&\n    when: {pre-push: defer}/' .slipway.yaml
    git commit -qam defer
    run slipway jobs list
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    slipway install
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    run slipway jobs list
    has "refs/tags/v1.0.0"
    run slipway jobs list --json
    has '"git_ref":"refs/tags/v1.0.0"'
    run slipway jobs show v1.0.0
    has " $remote"
    run slipway jobs drop v1.0.0
    [ "$status" -eq 0 ]
    run slipway jobs list
    [ -z "$output" ]
    run slipway jobs show v1.0.0
    [ "$status" -eq 2 ]
}

@test "init --from-command: every option becomes a key, or a note, or is told" {
    git rm -q .slipway.yaml
    run slipway init --from-command 'werf export api web --repo=r.example/stages --tag r.example/x/%image%:$CI_COMMIT_TAG --tag=oci:out:%image% --add-label "org.example.note=50% \"off\"" --add-label a=b=c --platform linux/amd64 --platform linux/arm64 --env production --dir . -Z --log-quiet --insecure-registry'
    [ "$status" -eq 0 ]
    has '# left out: --insecure-registry: git config slipway.insecureRegistry true'
    has 'images: ["api", "web"]'
    has 'platforms: ["linux/amd64", "linux/arm64"]'
    has 'require-built: true'
    has '"org.example.note": "50%% \"off\""'
    has '"a": "b=c"'
    has 'env: "production"'
    git add -A
    git commit -qm rules
    run slipway check
    [ "$status" -eq 0 ]
    run slipway init --print --from-command 'werf export --repo r/s --tag r/x:1 --nothing'
    [ "$status" -eq 2 ]
    has "'werf export' has no option '--nothing'"
    run slipway init --from-command 'werf export --repo r.example/s --tag r.example/xy:1'
    [ "$status" -eq 0 ]
    has "to be added to the rules by hand"
    has '- "r.example/xy:1"'
    rm .slipway.yaml
    run slipway init --print --from-command 'werf export --repo r.example/s --tag r.example/xy:1 --virtual-merge --dev-ignore "*.tmp" --repo-harbor-password=canary --ssh-key ~/.ssh/id -p --introspect-stage api/install web'
    [ "$status" -eq 0 ]
    has '# left out: --virtual-merge: a rule releases the commit that was pushed'
    has '# left out: --dev-ignore: only commits are read'
    has '# left out: --ssh-key: load the key into an agent'
    has '# left out: --introspect-stage:'
    has 'images: ["web"]'
    lacks canary
    run slipway init --from-command 'werf export --repo r/s --tag'
    [ "$status" -eq 2 ]
    has "'--tag' of the command has no value"
}

@test "jobs of CI systems are YAML, equal to templates/, and take a tag by hand" {
    python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml missing"
    for ci in github:.github/workflows/release-images.yml:github.yml gitlab:.gitlab-ci.yml:gitlab.yml \
        gitea:.gitea/workflows/release-images.yml:gitea.yml forgejo:.forgejo/workflows/release-images.yml:gitea.yml \
        woodpecker:.woodpecker/release-images.yaml:woodpecker.yaml jenkins:Jenkinsfile:Jenkinsfile; do
        IFS=: read -r name file template <<<"$ci"
        slipway init --ci "$name" >/dev/null
        cmp "$file" "$BATS_TEST_DIRNAME/../../templates/$template"
        grep -q SLIPWAY_TAG "$file"
        grep -q 'slipway ci' "$file"
        [ "$name" = jenkins ] || python3 -c 'import sys, yaml
assert isinstance(yaml.safe_load(open(sys.argv[1])), dict)' "$file"
    done
}

@test "into a pipe: the files first, what to do with them behind" {
    git rm -qf werf.yaml .slipway.yaml
    slipway init >"$top/out" 2>&1
    run sed -n 's/^--- \(.*\)/\1/p; s/^\(next:\)$/\1/p' "$top/out"
    [ "$output" = "werf.yaml
.slipway.yaml
next:" ]
}

@test "the job for GitHub: a tag that waits is not cancelled by the next one" {
    run slipway init --ci github
    [ "$status" -eq 0 ]
    run grep -E '^concurrency: .*\$\{\{ .*github\.ref_name \}\}$' .github/workflows/release-images.yml
    [ "$status" -eq 0 ]
}
