# labels: builder
# slipway ci in exactly the environment that each CI system gives a job (tests/e2e/ci/PROVIDER/*.env,
# written from the documentation that each names), in the checkout it makes, on a real repository.

load helper

setup_file() {
    install_slipway
    top=$BATS_FILE_TMPDIR
    isolate "$top"
    work=$top/origin
    make_project "$work" "oci:$top/stages" "oci:$top/release"
    cat >>"$work/.slipway.yaml" <<END
  - name: edge
    match:
      branches: main
    to:
      - oci:$top/release/%image%:edge
END
    git -C "$work" commit -qam rules
    git -C "$work" tag v0.9.0
    git -C "$work" tag -a -m one v1.0.0
    git init -q --bare "$top/remote.git"
    git -C "$work" push -q "$top/remote.git" main v0.9.0 v1.0.0
    # One build for all: the same commit gives the same stages.
    (cd "$work" && slipway export --repo "oci:$top/stages" --tag "oci:$top/warm/%image%:x" >/dev/null)
    export work
}

setup() {
    top=$BATS_FILE_TMPDIR
    commit=$(git -C "$work" rev-parse HEAD)
}

# checkout REF: one commit, detached, no other tags, as actions/checkout does it.
checkout() {
    rm -rf "$top/checkout" "$top/release"
    git init -q "$top/checkout"
    cd "$top/checkout" || return 1
    git remote add origin "file://$top/remote.git"
    git fetch -q --no-tags --depth 1 origin "+$1:$2"
    git checkout -q --detach "$2"
}

# A job of a provider: in_job PROVIDER KIND WORD...; nothing of our environment but paths.
in_job() {
    local file=$BATS_TEST_DIRNAME/ci/$1/$2.env variables=() line
    shift 2
    rm -rf "$top/output" "$top/summary" "$top/temp" "$top/event.json"
    mkdir -p "$top/temp"
    echo '{"repository": {"default_branch": "main"}, "pull_request": {
        "head": {"repo": {"full_name": "mallory/shop"}}, "base": {"repo": {"full_name": "acme/shop"}}}}' >"$top/event.json"
    echo "teamcity.configuration.properties.file=$top/config.properties" >"$top/build.properties"
    sed -n 's/^# parameter //p' "$file" >"$top/config.properties"
    while IFS= read -r line; do
        variables+=("$line")
    done < <(sed "/^#/d; s|@TOP@|$top|g; s|@COMMIT@|$commit|g" "$file")
    env -i PATH="$PATH" HOME="$HOME" GIT_CONFIG_GLOBAL="$GIT_CONFIG_GLOBAL" GIT_CONFIG_NOSYSTEM=1 \
        DOCKER_CONFIG="$DOCKER_CONFIG" ASAN_OPTIONS="${ASAN_OPTIONS-}" LSAN_OPTIONS="${LSAN_OPTIONS-}" \
        "${variables[@]}" "$@"
}

providers() {
    ls "$BATS_TEST_DIRNAME/ci"
}

# The source that the exported image names is the provider's address of the repository.
names_source() { # PROVIDER NAME
    local want digest
    want=$(sed -n 's/^# source //p' "$BATS_TEST_DIRNAME/ci/$1/tag.env")
    digest=$(layout_digest "$top/release/api" "$2")
    layout_blob "$top/release/api" "$digest" >"$top/manifest"
    if [ "$want" = - ]; then
        ! grep -q 'image.source' "$top/manifest"
    else
        grep -q "\"org.opencontainers.image.source\":\"$want\"" "$top/manifest"
    fi
}

@test "a tag was pushed" {
    for provider in $(providers); do
        echo "--- $provider"
        checkout refs/tags/v1.0.0 refs/tags/v1.0.0
        run in_job "$provider" tag slipway ci --output-file "$top/slipway.env"
        echo "$output"
        [ "$status" -eq 0 ]
        lacks canary-token
        lacks warning
        [ "$(layout_names "$top/release/api")" = v1.0.0 ]
        [ "$(layout_names "$top/release/web")" = v1.0.0 ]
        grep -qx 'SLIPWAY_STATUS=exported' "$top/slipway.env"
        grep -qx 'SLIPWAY_REF=refs/tags/v1.0.0' "$top/slipway.env"
        grep -qx 'SLIPWAY_VERSION=v1.0.0' "$top/slipway.env"
        grep -qx "SLIPWAY_COMMIT=$commit" "$top/slipway.env"
        grep -qx "SLIPWAY_REFS=oci:$top/release/api:v1.0.0 oci:$top/release/web:v1.0.0" "$top/slipway.env"
        names_source "$provider" v1.0.0
        # Once more: nothing is to be done, and that is no failure.
        run in_job "$provider" tag slipway ci --output-file "$top/slipway.env"
        [ "$status" -eq 0 ]
        grep -qx 'SLIPWAY_STATUS=unchanged' "$top/slipway.env"
    done
}

@test "a branch was pushed" {
    for provider in $(providers); do
        echo "--- $provider"
        checkout refs/heads/main refs/remotes/origin/main
        run in_job "$provider" branch slipway ci --output-file "$top/slipway.env"
        echo "$output"
        [ "$status" -eq 0 ]
        lacks canary-token
        [ "$(layout_names "$top/release/api")" = edge ]
        grep -qx 'SLIPWAY_REF=refs/heads/main' "$top/slipway.env"
        ! grep -q SLIPWAY_VERSION "$top/slipway.env"
    done
}

@test "a person started the job for a tag" {
    for provider in $(providers); do
        echo "--- $provider"
        # The jobs of templates/ are started for a branch and name the tag: it is fetched.
        if grep -q '^SLIPWAY_TAG=' "$BATS_TEST_DIRNAME/ci/$provider/manual.env"; then
            checkout refs/heads/main refs/remotes/origin/main
        else
            checkout refs/tags/v1.0.0 refs/tags/v1.0.0
        fi
        run in_job "$provider" manual slipway ci --output-file "$top/slipway.env"
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(layout_names "$top/release/web")" = v1.0.0 ]
        grep -qx 'SLIPWAY_REF=refs/tags/v1.0.0' "$top/slipway.env"
        grep -qx "SLIPWAY_COMMIT=$commit" "$top/slipway.env"
    done
}

@test "the command that stands in the job of templates/, when a tag is pushed and when a person names it" {
    for job in github:github.yml gitlab:gitlab.yml gitea:gitea.yml forgejo:gitea.yml woodpecker:woodpecker.yaml jenkins:Jenkinsfile; do
        provider=${job%:*}
        command=$(sed -n "s/^[^#]*\\(slipway ci[^']*\\).*/\\1/p" "$BATS_TEST_DIRNAME/../../templates/${job#*:}")
        echo "--- $provider: $command"
        [ "$(wc -l <<<"$command")" -eq 1 ]
        checkout refs/tags/v1.0.0 refs/tags/v1.0.0
        # A job with a parameter has it also when nobody gave one.
        run in_job "$provider" tag SLIPWAY_TAG= sh -c "$command"
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(layout_names "$top/release/api")" = v1.0.0 ]
        [ "$provider" != gitlab ] || grep -qx 'SLIPWAY_STATUS=exported' slipway.env
        checkout refs/heads/main refs/remotes/origin/main
        run in_job "$provider" manual sh -c "$command"
        [ "$status" -eq 0 ]
        [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    done
}

@test "a request wants to be merged: nothing is written, no registry is asked, no secret is seen" {
    # What a stranger brings: a destination and a template that want the job's secrets.
    rm -rf "$top/stranger"
    git clone -q "$top/remote.git" "$top/stranger"
    cd "$top/stranger"
    cat >.slipway.yaml <<END
version: 1
repo: 127.0.0.1:9/stages
env-allow: [GITHUB_TOKEN, CI_JOB_TOKEN, PATH]
rules:
  - name: steal
    match:
      refs: "**"
    to:
      - 127.0.0.1:9/x/%image%:t-%env:GITHUB_TOKEN|default:none%-%env:CI_JOB_TOKEN|default:none%
END
    git commit -qam steal
    commit=$(git rev-parse HEAD)
    git push -q origin HEAD:refs/heads/request
    for provider in $(providers); do
        echo "--- $provider"
        checkout refs/heads/request refs/remotes/origin/request
        run in_job "$provider" pull slipway ci --output-file "$top/slipway.env"
        echo "$output"
        [ "$status" -eq 0 ]
        has "only planned"
        has "127.0.0.1:9/x/api:t-none-none"
        lacks canary-token
        [ ! -e "$top/release" ]
    done
}

@test "GitHub, Gitea and Forgejo: outputs and summary" {
    for provider in github gitea forgejo; do
        checkout refs/tags/v1.0.0 refs/tags/v1.0.0
        in_job "$provider" tag slipway ci 2>"$top/log"
        [ "$(head -n 1 "$top/log")" = "::group::slipway: refs/tags/v1.0.0" ]
        grep -qx 'status=exported' "$top/output"
        grep -qx 'version=v1.0.0' "$top/output"
        grep -q "^primary_ref=oci:$top/release/api:v1.0.0$" "$top/output"
        grep -q '^| api | oci:' "$top/summary"
    done
}

@test "a shallow checkout without tags knows the series from the remote" {
    git clone -q "$top/remote.git" "$top/series"
    cd "$top/series"
    sed -i 's|^\(      - oci:.*release/%image%\):%tag%|\1:%version%\n\1:%major%\n\1:latest|' .slipway.yaml
    git commit -qam semver
    git tag v2.0.0
    git push -q origin v2.0.0
    git commit -q --allow-empty -m fix
    git tag v1.9.0
    git push -q origin v1.9.0
    commit=$(git rev-parse HEAD)
    checkout refs/tags/v1.9.0 refs/tags/v1.9.0
    run in_job github tag env GITHUB_REF=refs/tags/v1.9.0 slipway ci
    echo "$output"
    [ "$status" -eq 0 ]
    has "stays with the newer v2.0.0"
    [ "$(layout_names "$top/release/api" | tr '\n' ' ')" = "1 1.9.0 " ]
    # A remote that does not answer: what moves stays, with a word about it; the version is written.
    rm -rf "$top/release"
    git remote set-url origin "file://$top/nowhere.git"
    run in_job github tag env GITHUB_REF=refs/tags/v1.9.0 slipway ci
    echo "$output"
    [ "$status" -eq 0 ]
    has "names that move stay"
    [ "$(layout_names "$top/release/api" | tr '\n' ' ')" = "1.9.0 " ]
}

@test "300 images: outputs hold totals and the path of a report" {
    rm -rf "$top/many"
    git init -q "$top/many"
    cd "$top/many"
    printf 'configVersion: 1\nproject: many\n' >werf.yaml
    for i in $(seq 300); do
        printf -- '---\nimage: i%s\ndockerfile: Dockerfile\n' "$i" >>werf.yaml
    done
    printf 'FROM scratch\nCOPY rootfs/ /\n' >Dockerfile
    mkdir rootfs
    echo x >rootfs/x
    printf 'version: 1\nrepo: oci:%s\nrules:\n- name: all\n  match: {tags: "v*"}\n  to: ["oci:%s/%%image%%:%%tag%%"]\n' \
        "$top/stages" "$top/release" >.slipway.yaml
    git add -A
    git commit -qm many
    git init -q --bare "$top/many.git"
    git remote add origin "$top/many.git"
    git tag v1.0.0
    git push -q origin main v1.0.0
    commit=$(git rev-parse HEAD)
    rm -rf "$top/release"
    for provider in github gitlab jenkins; do # one of each way to give outputs
        echo "--- $provider"
        rm -rf "$top/release" "$top/slipway.env"*
        run in_job "$provider" tag slipway ci --output-file "$top/slipway.env"
        [ "$status" -eq 0 ]
        [ "$(wc -c <"$top/slipway.env")" -lt 4096 ]
        [ "$(wc -l <"$top/slipway.env")" -lt 40 ]
        grep -qx 'SLIPWAY_COUNT=300' "$top/slipway.env"
        report=$(sed -n 's/^SLIPWAY_REPORT=//p' "$top/slipway.env")
        [ "$(grep -o '"action":"[a-z]*"' "$report" | sort | uniq -c | awk '{ print $1 }')" = 300 ]
        case $provider in
            github)
                [ "$(wc -c <"$top/output")" -lt 4096 ]
                [ "$(wc -c <"$top/summary")" -lt 1048576 ]
                grep -qx "report=$report" "$top/output"
                ;;
            *) [ ! -e "$top/output" ] ;;
        esac
    done
}
