# slipway check and doctor: what is wrong, before anything is pushed.

load helper

@test "an image without its Dockerfile is a mistake, each of them" {
    printf -- '---\nimage: one\ndockerfile: nowhere/Dockerfile\n---\nimage: two\ndockerfile: Dockerfil\n' >>werf.yaml
    git commit -qam "no files"
    run slipway check
    [ "$status" -eq 3 ]
    has "image 'one': no Dockerfile 'nowhere/Dockerfile' in the commit"
    has "image 'two': no Dockerfile 'Dockerfil' in the commit"
}

@test "a Dockerfile that cannot be read, or lacks the stage that is wanted, is a mistake" {
    sed -i 's/^COPY api/CPOY api/' api/Dockerfile
    sed -i 's#^dockerfile: web/Dockerfile#&\ntarget: fnial#' werf.yaml
    sed -i 's/^FROM scratch/& AS final/' web/Dockerfile
    git commit -qam "wrong words"
    run slipway check
    [ "$status" -eq 3 ]
    has "image 'api': api/Dockerfile:4: unknown instruction 'CPOY'"
    has "hint: did you mean COPY?"
    has "image 'web': web/Dockerfile: "
    has fnial
}

@test "platforms that cannot be are mistakes, a missing image is told once" {
    cp werf.yaml plain.yaml
    printf -- '---\nimage: one\ndockerfile: api/Dockerfile\nplatform: [a/b/c/d]\n' >>werf.yaml
    git commit -qam "no platform"
    run slipway check
    [ "$status" -eq 3 ]
    has "image 'one': platform 'a/b/c/d' has more than three parts"
    mv plain.yaml werf.yaml
    printf -- '---\nimage: one\nfrom: a\ndependencies: [{image: wep, before: setup}]\n' >>werf.yaml
    git commit -qam "no image"
    run slipway check
    [ "$status" -eq 3 ]
    has "hint: no image is called 'wep': did you mean 'web'?"
    [ "$(grep -c '^error' <<<"$output")" -eq 1 ]
}

@test "a setting of giterminism that means nothing is told" {
    printf 'giterminismConfigVersion: 1\nconfig: {goTemplateRendering: {allowEnvVariable: [TAG]}}\n' >werf-giterminism.yaml
    git add werf-giterminism.yaml
    git commit -qm giterminism
    run slipway check
    has "werf-giterminism.yaml:2:32: 'allowEnvVariable' means nothing here: did you mean 'allowEnvVariables'?"
}

@test "check: nothing wrong" {
    run slipway check
    [ "$status" -eq 0 ]
    has "no mistakes (rules: 1, images: 2)"
    run slipway check .slipway.yaml
    [ "$status" -eq 0 ]
}

@test "check tells all mistakes with place, id and suggestion" {
    cat >.slipway.yaml <<'END'
version: 1
repoo: x
rules:
  - name: release
    match:
      tag: "v*"
    images: [apo]
    to:
      - registry.example/shop/%image%:%tga%
END
    git commit -qam bad
    run slipway check
    [ "$status" -eq 3 ]
    has ".slipway.yaml:2:1: unknown key 'repoo' [E-KEY]"
    has "did you mean 'repo'?"
    has ".slipway.yaml:6:7: unknown key 'tag' [E-KEY]"
    has "unknown placeholder '%tga%' [E-PLACEHOLDER]"
    run slipway check --json
    [ "$status" -eq 3 ]
    has '"id":"E-KEY"'
    has '"line":6,'
    run slipway check HEAD~1
    [ "$status" -eq 0 ]
}

@test "check knows the images of the commit" {
    sed -i 's/^    to:/    images: [api, wep]\n    to:/' .slipway.yaml
    git commit -qam images
    run slipway check
    [ "$status" -eq 3 ]
    has "there is no final image 'wep' [E-IMAGE-UNKNOWN]"
    has "api, web"
    # The work tree does not count.
    git checkout -q HEAD~1 -- .slipway.yaml
    run slipway check
    [ "$status" -eq 3 ]
}

@test "check --schema prints JSON" {
    slipway check --schema >"$top/schema"
    grep -q '"if-exists"' "$top/schema"
}

@test "doctor: before and after install" {
    run slipway doctor --brief
    [ "$status" -eq 1 ]
    run slipway doctor
    [ "$status" -eq 1 ]
    has "bad   hook"
    has "hint: slipway install"
    has "bad   allowed"
    slipway install
    run slipway doctor --brief
    [ "$status" -eq 0 ]
    run slipway doctor
    [ "$status" -eq 0 ]
    has "ok    hook"
    has "ok    rules     .slipway.yaml, rules: 1"
    has "ok    remote    'origin' answers without asking"
    has "slipway.repo oci:$top/stages (local)"
    run slipway doctor --json
    has '{"about":"hook","health":"ok"'
}

@test "doctor: a remote that is not there, a hook that is not executable" {
    slipway install
    chmod -x .git/hooks/pre-push
    git remote set-url origin /nowhere
    run slipway doctor
    [ "$status" -eq 1 ]
    has "not executable"
    has "bad   remote"
    run slipway doctor --brief
    [ "$status" -eq 1 ]
}

@test "check judges destinations before there is a tag" {
    cat >.slipway.yaml <<'END'
version: 1
repo: registry.example/shop/stages
rules:
  - name: release
    match: {tags: "v*"}
    images: ["ap*", "nothing-*"]
    tags: ["%version%", latest]
    to:
      - acme/shop:%image%-%tag%
      - repo: ghcr.io/Acme/Shop
      - https://registry.example/shop/%image%:%tag%
      - registry.example/shop/%image%:%tag%
      - registry.example/shop/%image%:%tag%
  - name: all
    match: {branches: main}
    to: registry.example/shop:edge
END
    git commit -qam mistakes
    run slipway check
    [ "$status" -eq 3 ]
    has "warning: .slipway.yaml:6:21: 'nothing-*' matches no image [W-GLOB-EMPTY]"
    has "error: .slipway.yaml:9:9: 'acme/shop:%image%-%tag%' is not a reference: no registry is named [E-NO-REGISTRY]"
    has "hint: write registry/path:tag; Docker Hub is spelled index.docker.io"
    has ".slipway.yaml:10:15: "
    has "only [E-REPO-CHARS]"
    has "hint: write it in lower case"
    has "11:9: 'https://registry.example/shop/%image%:%tag%' has a scheme"
    has "hint: write it without the scheme"
    has "warning: .slipway.yaml:13:9: 'registry.example/shop/%image%:%tag%' stands here twice [W-DUP-REF]"
    has "error: .slipway.yaml:16:9: 2 images would all get the name 'registry.example/shop:edge' [E-COLLISION]"
    has "put %image_slug% into it"
    # Warnings alone are no mistake.
    sed -i '/acme.shop:/d; /Acme/d; /https:/d; /name: all/,$d' .slipway.yaml
    git commit -qam better
    run slipway check
    [ "$status" -eq 0 ]
    has W-GLOB-EMPTY
    has "no mistakes"
}

@test "check TAG tells what a push of the tag would ask for" {
    sed -i 's/%tag%/%version%/' .slipway.yaml
    git commit -qam versions
    git tag v1.4
    git tag other
    run slipway check v1.4
    [ "$status" -eq 3 ]
    has "rule 'release': tag 'v1.4' is not a semantic version (missing patch number) [E-SEMVER]"
    run slipway check
    [ "$status" -eq 0 ]
    run slipway check other
    [ "$status" -eq 0 ]
    has "no rule asks for refs/tags/other"
}

@test "check reads the rules that are configured, and their environment of werf" {
    git mv .slipway.yaml rules.yaml
    sed -i '1a env: production' rules.yaml
    sed -i '1i {{ if ne .Env "production" }}{{ fail "not production" }}{{ end }}' werf.yaml
    git commit -qam moved
    run slipway check
    [ "$status" -eq 3 ]
    git config slipway.rulesFile rules.yaml
    run slipway check
    [ "$status" -eq 0 ]
    has "rules.yaml: no mistakes (rules: 1, images: 2)"
}
