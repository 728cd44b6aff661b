# labels: registry builder
# What people do wrong on their first day: what is told, what they are to do, and the exit code.

load helper

setup_file() {
    install_slipway
    command -v docker-registry >/dev/null || return 0
    top=$BATS_FILE_TMPDIR
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext 'subjectAltName=IP:127.0.0.1' \
        -keyout "$top/key.pem" -out "$top/cert.pem" 2>/dev/null
    htpasswd -Bbn shop 'right horse' >"$top/htpasswd"
    export PLAIN LOCKED TLS
    start_registry "$top/plain" && PLAIN=127.0.0.1:$registry_port
    echo "$registry_pid" >"$top/pids"
    start_registry "$top/locked" "auth: {htpasswd: {realm: test, path: $top/htpasswd}}" && LOCKED=127.0.0.1:$registry_port
    echo "$registry_pid" >>"$top/pids"
    start_registry "$top/tls" "  tls: {certificate: $top/cert.pem, key: $top/key.pem}" && TLS=127.0.0.1:$registry_port
    echo "$registry_pid" >>"$top/pids"
    BATS_TEST_TMPDIR=$top # one project for all
    prepare
    slipway export --insecure-registry --repo "$PLAIN/shop/stages" --tag "$PLAIN/first/%image%:v1"
}

teardown_file() {
    [ ! -f "$BATS_FILE_TMPDIR/pids" ] || xargs kill <"$BATS_FILE_TMPDIR/pids"
}

setup() {
    command -v docker-registry >/dev/null || skip "docker-registry missing"
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    isolate "$BATS_FILE_TMPDIR"
    cd "$BATS_FILE_TMPDIR/work"
    repo=$PLAIN/shop/stages
    name=$PLAIN/rel/%image%:v1
}

# told STATUS TEXT...: the run before ended so; each text is in the output, once.
told() {
    local want=$1 text rest
    shift
    [ "$status" -eq "$want" ] || { echo "exit $status: $output" && return 1; }
    for text; do
        has "$text"
        rest=${output#*"$text"}
        [[ "$rest" != *"$text"* ]] || { echo "twice: $text: $output" && return 1; }
    done
}

export_with() {
    run timeout 100 slipway export --insecure-registry "$@"
}

@test "nothing said of the stage repository, or of where to" {
    export_with --tag "$name"
    told 2 "give the stage repository with --repo REPOSITORY"
    export_with --repo "$repo"
    told 2 "give at least one destination with --tag NAME"
}

@test "a host that is not there, as source and as destination" {
    export_with --repo nosuch.invalid/shop/stages --tag "$name"
    told 75 "error: nosuch.invalid/shop/stages: cannot list tags: " "is the name of the host right"
    export_with web --repo "$repo" --tag "nosuch.invalid/rel/%image%:v1"
    told 75 "error: nosuch.invalid/rel/web: " "is the name of the host right"
    export_with --repo 127.0.0.1:9/shop/stages --tag "$name"
    told 75 "error: 127.0.0.1:9/shop/stages: cannot list tags: " "does a registry listen there?"
}

@test "no credentials, and wrong ones" {
    export_with web --repo "$repo" --tag "$LOCKED/rel/%image%:v1"
    told 7 "the registry answered 401" "asked for repository:rel/web:push,pull" "docker login $LOCKED"
    export_with web --repo "$LOCKED/shop/stages" --tag "$name"
    told 7 "cannot list tags" "docker login $LOCKED"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$LOCKED" "$(printf 'shop:wrong battery' | base64 -w0)" >"$DOCKER_CONFIG/config.json"
    export_with web --repo "$repo" --tag "$LOCKED/rel/%image%:v1"
    told 7 "the credentials from $DOCKER_CONFIG/config.json were not accepted"
    lacks battery
}

@test "a name of an image with letters in another order" {
    export_with wbe --repo "$repo" --tag "$name"
    told 2 'no image matches pattern "wbe"' "did you mean 'web'?"
    export_with aip apii --repo "$repo" --tag "$name"
    [ "$status" -eq 2 ]
}

@test "several images and one name" {
    export_with --repo "$repo" --tag "$PLAIN/rel/app:v1"
    told 2 "images 'api' and 'web' would have the same name" "put %image_safe_slug% into it"
}

@test "names that cannot be are the command line's fault, or that of the rules" {
    export_with web --repo "$repo" --tag "$repo:%image_content_based_tag%"
    told 2 "would stand in the stage repository" "use another tag or another repository"
    export_with web --repo "$repo" --tag "$PLAIN/rel/%image%:a b"
    told 2 "the tag 'a b' may hold"
    export_with web --repo "$repo" --tag "https://$name"
    told 2 "has a scheme" "write '$PLAIN/rel/web:v1'"
    export_with web --repo "$repo" --tag "$PLAIN/rel/%imgae%:v1"
    told 2 "unknown placeholder '%imgae%'"
    for option in --repo --final-repo --secondary-repo --cache-repo; do
        export_with web --repo "$repo" "$option" "$repo:v1" --tag "$name"
        told 2 "error: $option: '$repo:v1' is not a repository" "without tag"
    done
    export_with web --repo "$repo" --tag "$name" --add-label x
    told 2 "'x' is no label" "KEY=VALUE"
    git checkout -q -b wrong
    sed -i "s#^      - .*%tag%#      - $PLAIN/rel/%image%:a b#" .slipway.yaml
    git commit -qam wrong
    run slipway run --insecure-registry --repo "$repo" --ref refs/tags/v1 --commit HEAD
    git checkout -q main
    told 3 "rule 'release': 'a b' is no tag of an image"
}

@test "plain HTTP that nobody asked for, and a certificate that nobody signed" {
    sed 's/127\.0\.0\.1:0/0.0.0.0:0/' "$BATS_FILE_TMPDIR/plain/config.yml" >any.yml
    docker-registry serve any.yml >any.log 2>&1 3>&- &
    pid=$!
    until grep -q 'listening on' any.log; do sleep 0.05; done
    run timeout 100 slipway export web --repo "0.0.0.0:$(sed -n 's/.*listening on [^ ]*:\([0-9]*\).*/\1/p' any.log | head -n 1)/shop/stages" --tag "$name"
    kill "$pid"
    told 75 "if it speaks plain HTTP: --insecure-registry"
    run timeout 100 slipway export web --repo "$TLS/shop/stages" --tag "$name"
    told 6 "self-signed certificate" "SSL_CERT_FILE"
    SSL_CERT_FILE=$BATS_FILE_TMPDIR/cert.pem run timeout 100 slipway export web --repo "localhost:${TLS#*:}/shop/stages" --tag "$name"
    told 6 "the certificate is for another host: is the name right?"
}

@test "a certificate whose time is over, as when a clock is wrong" {
    dir=$BATS_FILE_TMPDIR/old
    mkdir "$dir"
    openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$dir/key.pem" -out "$dir/request.pem" 2>/dev/null
    echo subjectAltName=IP:127.0.0.1 >"$dir/names"
    openssl x509 -req -days -2 -in "$dir/request.pem" -signkey "$dir/key.pem" -extfile "$dir/names" -out "$dir/cert.pem" 2>/dev/null ||
        skip "this openssl signs nothing that is over"
    start_registry "$dir/registry" "  tls: {certificate: $dir/cert.pem, key: $dir/key.pem}"
    SSL_CERT_FILE=$dir/cert.pem run timeout 100 slipway export web --repo "127.0.0.1:$registry_port/shop/stages" --tag "$name"
    stop_registry
    told 6 "certificate has expired" "is the clock of this machine right?"
    lacks SSL_CERT_FILE
}

@test "a platform that is not there, or is none" {
    export_with web -Z --platform linux/s390x --repo "$repo" --tag "$name"
    told 5 "image 'web' for linux/s390x is not built: $repo has no stage" "slipway why"
    export_with web --platform nonsense --repo "$repo" --tag "$name"
    told 2 "platform 'nonsense'"
}

@test "an empty stage repository where nothing is built" {
    export_with web --engine none --repo "$PLAIN/shop/empty" --tag "$name"
    told 5 "image 'web' is not built: $PLAIN/shop/empty has no stage" "run where building is allowed, or werf build"
    export_with web -Z --repo "oci:$BATS_FILE_TMPDIR/none" --tag "$name"
    told 5 "run where building is allowed"
    lacks "werf build"
    export_with web --engine docker --repo "$repo" --tag "$name"
    told 2 "there is no build engine 'docker'" "engines: buildah, none"
}

@test "a lock server that is none" {
    export_with web --repo "$PLAIN/shop/new" --tag "$name" -S "http://$PLAIN"
    told 6 "lock server http://$PLAIN: /new-client-id answered 404"
}

@test "reports that cannot be written do not hide what was written" {
    export_with web --repo "$repo" --tag "$PLAIN/reports/%image%:v1" --save-build-report --build-report-path /nonexistent/x.json
    told 1 "--save-build-report: /nonexistent/x.json"
    [[ "$output" =~ web\ +written ]]
    export_with web --repo "$repo" --tag "$PLAIN/reports/%image%:v1" --report /nonexistent/x.json
    told 1 "--report: /nonexistent/x.json"
    [[ "$output" =~ web\ +unchanged ]]
}

@test "outside of any repository, and a commit that is not there" {
    export_with web --commit nosuch --repo "$repo" --tag "$name"
    told 12 "no commit 'nosuch'"
    run env -u CI slipway ci
    told 2 "no CI system says for which ref this job runs" "slipway ci --ref"
    cd "$BATS_FILE_TMPDIR"
    export_with web --repo "$repo" --tag "$name"
    told 12 "no git repository"
}
