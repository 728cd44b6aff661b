# labels: builder
# From where and how people push.

load helper

setup() {
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
}

names() {
    layout_names "$top/release/${1:-web}" | tr '\n' ' '
}

# One image; branches, too.
branches() {
    sed -i '/^rules:/,$d' .slipway.yaml
    cat >>.slipway.yaml <<END
rules:
  - name: release
    match: {tags: "v*"}
    images: [web]
    to: ["$release/%image%:%tag%"]
  - name: branches
    match: {branches: "**"}
    images: [web]
    to: ["$release/%image%:%branch_slug%"]
END
    git commit -qam branches
    git push -q --no-verify origin HEAD:main
}

released() { # REF [NAME]
    run wait_for "$1"
    [ "$status" -eq 0 ]
    [[ " $(names)" == *" ${2:-$1} "* ]]
}

@test "--all: each branch has its names" {
    branches
    git branch b
    git branch c/d
    git commit -q --allow-empty -m more
    run git push --all origin
    [ "$status" -eq 0 ]
    has "main, b, c/d: the names follow"
    released b
    released c/d c-d
    released main
}

@test "push.default: current, upstream, matching, nothing; push.followTags" {
    branches
    git switch -q -c feature
    git -c push.default=current push -q
    released feature
    git branch -q -u origin/main
    git commit -q --allow-empty -m up
    git -c push.default=upstream push -q
    released main # the name on the remote counts
    git commit -q --allow-empty -m more
    run git -c push.default=matching push
    has "feature: the names follow"
    released feature
    git tag v1.0.0
    run git -c push.default=nothing push origin v1.0.0
    [ "$status" -eq 0 ]
    released v1.0.0
    git commit -q --allow-empty -m tagged
    git tag -am two v2.0.0
    git -c push.followTags=true push -q origin feature
    released v2.0.0
}

@test "push options of others, several refs at once, HEAD and a revision under another name" {
    branches
    git -C "$remote" config receive.advertisePushOptions true
    git tag v1.0.0
    git push -q -o ci.skip -o merge_request.create --atomic origin v1.0.0 HEAD:refs/heads/x 'HEAD~1:refs/tags/v0.9.0'
    released v1.0.0
    released x
    run wait_for v0.9.0 # of another commit, with its own rules
    [ "$status" -eq 0 ]
    [ "$(names api)" = "v0.9.0 " ]
}

@test "the address of the usual remote in place of its name is that remote; another address is not" {
    git tag v1.0.0
    run git push "$remote" v1.0.0
    [ "$status" -eq 0 ]
    has "v1.0.0: the names follow once 'origin' has the ref"
    released v1.0.0
    git init -q --bare "$top/other.git"
    git tag v2.0.0
    run git push "$top/other.git" v2.0.0
    [ "$status" -eq 0 ]
    lacks slipway
    # A rule may name it.
    sed -i "s#^    match:#&\n      remotes: ['**/other.git']#" .slipway.yaml
    git commit -qam other
    git tag v3.0.0
    run git push "$top/other.git" v3.0.0
    [ "$status" -eq 0 ]
    has "v3.0.0: the names follow"
    released v3.0.0
    # As git rewrites it, and with an address of its own for pushes.
    git reset -q --hard HEAD~1
    git config "url.$top/.insteadOf" short:
    git remote set-url --push origin short:remote.git
    git tag v4.0.0
    git push -q short:remote.git v4.0.0
    released v4.0.0
}

@test "git push . moves a branch here and releases nothing" {
    branches
    git commit -q --allow-empty -m more
    run git push . HEAD:refs/heads/here HEAD:refs/tags/v1.0.0
    [ "$status" -eq 0 ]
    lacks slipway
    [ "$(git rev-parse here)" = "$(git rev-parse HEAD)" ]
    [ ! -e "$top/release" ]
}

@test "from a linked work tree, a directory below it, and a bare repository" {
    git worktree add -q "$top/linked tree" -b linked
    git tag v1.0.0
    git tag v2.0.0
    cd "$top/linked tree/web/site"
    git push -q origin v1.0.0
    released v1.0.0
    [ -d "$work/.git/slipway/jobs" ]
    git clone -q --bare "$work" "$top/bare.git"
    cd "$top/bare.git"
    git remote set-url origin "$remote"
    slipway install
    git push -q origin v2.0.0
    released v2.0.0
    [ -d "$top/bare.git/slipway/jobs" ]
}

@test "with GIT_DIR, GIT_WORK_TREE and --git-dir" {
    for i in 1 2 3 4; do git tag "v$i.0.0"; done
    cd "$top"
    export GIT_DIR=$work/.git GIT_WORK_TREE=$work
    git push -q origin v1.0.0
    released v1.0.0
    unset GIT_WORK_TREE
    cd /
    git push -q origin v2.0.0
    released v2.0.0
    unset GIT_DIR
    cd "$top"
    git --git-dir=work/.git push -q origin v3.0.0
    cd work
    released v3.0.0
    git init -q "$top/empty" # another repository around it is not taken for this one
    git -C "$top/empty" --git-dir="$work/.git" push -q origin v4.0.0
    released v4.0.0
}

@test "a repository whose path has spaces, quotes, a line end and letters of all kinds" {
    elsewhere="$top/a b é"$'\n'"x'\"\$(y)"
    slipway uninstall
    mv "$work" "$elsewhere"
    cd "$elsewhere"
    for how in mode=auto script; do
        slipway install "--$how"
        slipway doctor --brief
        git tag "v1-${how#*=}"
        git push -q origin "v1-${how#*=}"
        released "v1-${how#*=}"
        slipway uninstall
    done
}

@test "a submodule has a hook and jobs of its own, also when the repository around it is pushed" {
    git init -q "$top/super"
    git init -q --bare "$top/super.git"
    cd "$top/super"
    git remote add origin "$top/super.git"
    git -c protocol.file.allow=always submodule add -q "$remote" "sub mod"
    git commit -qm sub
    cd "sub mod"
    branches
    slipway install
    git tag v1.0.0
    git push -q origin v1.0.0
    released v1.0.0
    [ -d "$top/super/.git/modules/sub mod/slipway/jobs" ]
    git commit -q --allow-empty -m more
    cd ..
    git commit -qam more
    git push -q --recurse-submodules=on-demand origin main
    cd "sub mod"
    released main
}

@test "a tag whose name is no UTF-8 has its names under a slug" {
    sed -i 's/%tag%/%tag_slug%/' .slipway.yaml
    git commit -qam slug
    name=$(printf 'v1.0.0-\xe9')
    git tag "$name"
    git push -q origin "refs/tags/$name"
    run wait_for "$name"
    [ "$status" -eq 0 ]
    [ "$(names)" = "v1.0.0 " ]
}
