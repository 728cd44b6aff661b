# labels: builder
# slipway audit: which tags of the remote lack their images, or have others.

bats_require_minimum_version 1.5.0 # run --separate-stderr

load helper

setup() {
    prepare
    git tag v1.0.0
    git push -q origin main v1.0.0
}

next_tag() { # NAME
    echo "$1" >api/version
    git add -A
    git commit -qm "$1"
    git tag "$1"
    git push -q origin "$1"
}

@test "everything is there: nothing is printed, exit 0" {
    slipway run --ref v1.0.0
    run slipway audit
    [ "$status" -eq 0 ]
    has "tags: 1, with rules: 1, names: 2, equal: 2"
    lacks "v1.0.0  "
    run slipway audit -q
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run slipway audit -v
    has "v1.0.0  api  equal"
}

@test "a tag whose images are missing: exit 10, and how to repair it" {
    slipway run --ref v1.0.0
    next_tag v1.1.0
    run slipway audit
    [ "$status" -eq 10 ]
    has "v1.1.0  api  missing"
    has "v1.1.0  web  missing"
    has "hint: to write what is missing: slipway sync"
    run --separate-stderr slipway audit --json
    [ "$status" -eq 10 ]
    python3 - "$output" <<'END'
import json, sys
doc = json.loads(sys.argv[1])
assert doc["status"] == "missing", doc
rows = {(r["git_ref"], r["image"]): r["action"] for r in doc["results"]}
assert rows == {("refs/tags/v1.1.0", "api"): "missing", ("refs/tags/v1.1.0", "web"): "missing",
                ("refs/tags/v1.0.0", "api"): "equal", ("refs/tags/v1.0.0", "web"): "equal"}, rows
END
    slipway run --ref v1.1.0
    run slipway audit
    [ "$status" -eq 0 ]
}

@test "a name with another content: exit 8; missing ones go first" {
    slipway run --ref v1.0.0
    next_tag v1.1.0
    slipway run --ref v1.1.0
    git push -q -f origin v1.1.0:refs/tags/v1.0.0 # the tag moved, the image did not
    run slipway audit
    [ "$status" -eq 8 ]
    has "v1.0.0  api  differs"
    next_tag v1.2.0
    run slipway audit
    [ "$status" -eq 10 ]
}

@test "--tags, --limit and --rule choose" {
    slipway run --ref v1.0.0
    GIT_COMMITTER_DATE='2030-01-01T00:00:00Z' next_tag v1.1.0
    run slipway audit --tags 'v1.0.*'
    [ "$status" -eq 0 ]
    has "tags: 1,"
    run slipway audit --limit 1
    [ "$status" -eq 10 ]
    has "1 older tags were not looked at"
    lacks "v1.0.0"
    run slipway audit --rule other
    [ "$status" -eq 0 ]
    has "with rules: 0"
    run slipway audit --limit none
    [ "$status" -eq 2 ]
    run slipway audit --tags '['
    [ "$status" -eq 2 ]
    has "--tags"
}

@test "stages that a cleanup took: the name is looked for, no more" {
    slipway run --ref v1.0.0
    rm -r "$top/stages"
    run slipway audit -v
    [ "$status" -eq 0 ]
    has "its stage is gone"
    rm -r "$top/release/api"
    run slipway audit
    [ "$status" -eq 10 ]
    has "v1.0.0  api  missing"
    has "to be built first"
}

@test "a tag whose commit is not here, and a remote that does not answer" {
    other=$top/other
    git clone -q "$remote" "$other"
    git -C "$other" -c user.name=a -c user.email=a@b commit -q --allow-empty -m there
    git -C "$other" tag v9.0.0
    git -C "$other" push -q origin v9.0.0
    slipway run --ref v1.0.0
    run slipway audit
    [ "$status" -eq 12 ]
    has "v9.0.0"
    has 'hint: `git fetch --tags` brings what the remote has'
    git fetch -q origin --tags
    run slipway audit
    [ "$status" -eq 10 ]
    run slipway audit --remote /nowhere
    [ "$status" -eq 7 ]
    run slipway audit --remote /nowhere --json
    [ "$status" -eq 7 ]
}

@test "a tag older than the rules: --rules-from judges it" {
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    next_tag v0.9.0
    git reset -q --hard v1.0.0
    run slipway audit --tags v0.9.0
    [ "$status" -eq 0 ]
    has "with rules: 0"
    run slipway audit --tags v0.9.0 --rules-from HEAD
    [ "$status" -eq 10 ]
    slipway run --ref v0.9.0 --rules-from HEAD
    run slipway audit --tags v0.9.0 --rules-from HEAD
    [ "$status" -eq 0 ]
    run slipway audit --rules-from nowhere
    [ "$status" -eq 12 ]
    has "--rules-from"
}

@test "semver rules: of two versions only the newest has to hold what moves" {
    sed -i 's|^    to:|    tags: ["%version%", "%major%", latest]\n    to:|; s|- "\(oci:.*\):%tag%"|- repo: "\1"|; s|- \(oci:.*\):%tag%|- repo: "\1"|' .slipway.yaml
    cat .slipway.yaml
    git commit -qam semver
    git tag v1.1.0
    git push -q origin v1.1.0
    slipway run --ref v1.1.0
    git tag v1.2.0-rc.1
    git push -q origin v1.2.0-rc.1
    slipway run --ref v1.2.0-rc.1
    run slipway audit --tags 'v1.[12]*'
    echo "$output"
    [ "$status" -eq 0 ]
    rm -r "$top/release/web"
    run slipway audit --tags 'v1.[12]*'
    [ "$status" -eq 10 ]
    has ":latest"
}
