# labels: builder
# Many refs in one push, to the very end: each has its names, and the remote is asked few times.

load helper

setup() {
    prepare_pushed
    local_ssh
    over_ssh
}

rules() { # TAGS
    sed -i '/^  - name/,$d' .slipway.yaml
    cat >>.slipway.yaml <<END
  - name: release
    match: {tags: "v*"}
    images: [web]
    tags: [$1]
    to: [{repo: "oci:$top/release/%image%"}]
END
    git commit -qam rules
}

make_tags() { # FIRST LAST
    for i in $(seq "$1" "$2"); do echo "create refs/tags/v1.0.$i HEAD"; done | git update-ref --stdin
}

until_all_done() { # N
    for _ in $(seq 1200); do
        [ "$(slipway jobs list | grep -c ' done ')" -lt "$1" ] || return 0
        sleep 0.1
    done
    slipway jobs list >&2
    return 1
}

@test "80 tags whose names move: every job is done, with few questions to the remote" {
    rules '"%version%", latest'
    make_tags 1 80
    run git push --tags -q origin 3>&-
    [ "$status" -eq 0 ]
    has "and 75 more: the names follow once 'origin' has the refs"
    until_all_done 80
    [ "$(layout_names "$top/release/web" | wc -l)" -eq 81 ]
    [ "$(layout_digest "$top/release/web" latest)" = "$(layout_digest "$top/release/web" 1.0.80)" ]
    # The push, three questions of the hook, then those of the finisher for all refs together.
    [ "$(wc -l <"$top/connections")" -lt 40 ]
}

@test "jobs of several commits, one of which is gone: the others are done" {
    rules '"%version%"'
    make_tags 1 3
    git commit -q --allow-empty -m second
    make_tags 4 6
    touch "$top/no-questions"
    git push --tags -q origin
    rm "$top/no-questions"
    commit=$(git rev-parse 'v1.0.2^{commit}')
    sed -i "s/\"commit\": \"$commit/\"commit\": \"${commit//[0-9]/a}/" "$(grep -l refs/tags/v1.0.2 .git/slipway/jobs/new/*.json)"
    run slipway sync --jobs-only
    [ "$status" -ne 0 ]
    has "refs/tags/v1.0.2"
    [ "$(layout_names "$top/release/web" | tr '\n' ' ')" = "1.0.1 1.0.3 1.0.4 1.0.5 1.0.6 " ]
    [ "$(slipway jobs list | grep -c ' failed ')" -eq 1 ]
}
