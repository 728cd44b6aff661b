# Repositories that are not plain clones: the same digests come out of all of them.

load helper

setup() {
    prepare
    git rm -q .slipway.yaml
    mkdir .werf
    for i in $(seq 20); do
        mkdir "s$i"
        printf 'FROM scratch\nCOPY s%d /\n' "$i" >"s$i/Dockerfile"
        echo "file $i" >"s$i/file"
        printf -- '---\nimage: s%d\ndockerfile: s%d/Dockerfile\n' "$i" "$i" >>werf.yaml
        printf '{{ define "t%d" }}%d{{ end }}' "$i" "$i" >".werf/$i.tmpl"
    done
    printf '# {{ include "t1" . }}\n' >>werf.yaml
    git add -A
    git commit -qm 'many services'
    git tag v1.0.0
    git push -q origin main v1.0.0
    git -C "$remote" config uploadpack.allowFilter true
    git -C "$remote" config uploadpack.allowAnySHA1InWant true
    want=$(slipway tags)
}

same_digests() {
    run slipway tags "$@"
    [ "$status" -eq 0 ]
    [ "$output" = "$want" ]
}

# fetches COMMAND...: run it and count how often git fetched.
fetches() {
    rm -f "$top/trace"
    GIT_TRACE=$top/trace run "$@"
    [ "$status" -eq 0 ] || return 1
    count=$(grep -c 'built-in: git fetch' "$top/trace" || true)
}

@test "a clone without blobs: what is missing comes in a few requests, not one by one" {
    git clone -q --no-checkout --filter=blob:none "file://$remote" "$top/blobless"
    cd "$top/blobless"
    fetches slipway tags
    [ "$output" = "$want" ]
    echo "fetches: $count"
    [ "$count" -ge 1 ]
    [ "$count" -le 4 ]
    fetches slipway tags
    [ "$count" -eq 0 ]
}

@test "files that werf.yaml reads by a pattern come in one request" {
    mkdir -p conf/deep
    for i in $(seq 30); do echo "value $i" >"conf/deep/$i.yml"; done
    printf '# {{ range $p, $c := .Files.Glob "conf/**/*.yml" }}{{ $p }}{{ $c | trim | quote }} {{ end }}\n' >>werf.yaml
    git add -A
    git commit -qm files
    git push -q origin main
    want=$(slipway config render)
    git clone -q --no-checkout --filter=blob:none "file://$remote" "$top/blobless"
    cd "$top/blobless"
    fetches slipway config render
    [ "$output" = "$want" ]
    has 'conf/deep/30.yml"value 30"'
    echo "fetches: $count"
    [ "$count" -le 3 ]
}

@test "a build in a clone without blobs gets its context at once" {
    command -v buildah >/dev/null || skip "buildah is not installed"
    git clone -q --no-checkout --filter=blob:none "file://$remote" "$top/blobless"
    cd "$top/blobless"
    fetches slipway export --repo "oci:$top/stages" --tag "oci:$top/release/%image%:v1" s1
    echo "fetches: $count"
    [ "$count" -ge 2 ]
    [ "$count" -le 6 ]
}

@test "a clone without trees" {
    git clone -q --bare --filter=tree:0 "file://$remote" "$top/treeless"
    cd "$top/treeless"
    fetches slipway tags --commit v1.0.0
    [ "$output" = "$want" ]
    echo "fetches: $count"
    [ "$count" -le 6 ]
}

@test "shallow, packed, with alternates, linked, bare, by any name" {
    git clone -q --depth 1 "file://$remote" "$top/shallow"
    cd "$top/shallow"
    same_digests
    git clone -q --shared "$work" "$top/shared"
    cd "$top/shared"
    git pack-refs --all
    git repack -qad
    same_digests --commit v1.0.0
    same_digests --commit 'v1.0.0^{tree}'
    same_digests --commit "$(git rev-parse --short HEAD)"
    git config extensions.worktreeConfig true
    git worktree add -q ../linked v1.0.0
    cd ../linked
    git config --worktree slipway.test linked
    same_digests
    cd "$remote"
    same_digests --commit refs/heads/main
    git init -q --object-format=sha256 "$top/sha256"
    cd "$top/sha256"
    git commit -q --allow-empty -m empty
    run slipway tags
    [ "$status" -eq 4 ]
    has "object format 'sha256'"
}
