#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install, try, test, measure and remove slipway. Everything that is built is built by CMake.
set -eu

usage() {
    cat <<'END'
usage: ./install.sh [--prefix DIR]              build and install slipway
       ./install.sh demo [--registry] [--keep]  watch a pushed tag release two images
       ./install.sh test [CTEST ARGUMENT...]    build and run all tests, sanitizer build included
       ./install.sh bench [ROW...]              measure, as ratios against git, skopeo and others
       ./install.sh uninstall [--prefix DIR]    remove what was installed

What a command needs is installed first, with apt or apk when you are root; otherwise the list of
packages is printed and you decide. --prefix is /usr/local, or ~/.local when you are not root.
--no-packages takes the machine as it is. BUILD_DIR (default ./build) is where things are built.
END
}

say() {
    printf '%s\n' "install.sh: $*" >&2
}

die() {
    say "$@"
    exit 1
}

top=$(cd "$(dirname "$0")" && pwd)
build=${BUILD_DIR:-$top/build}
packages=yes
if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:-$top}/.local; fi

# --- packages ----------------------------------------------------------------------------------

apt_build='gcc libc6-dev cmake ninja-build pkg-config git libgit2-dev libcurl4-openssl-dev libyaml-dev libjansson-dev libssl-dev zlib1g-dev uthash-dev'
apt_demo='busybox-static buildah netavark ca-certificates'
apt_test='libcmocka-dev shellcheck bats clang-format clang-tidy skopeo docker-registry apache2-utils openssl mandoc openssh-server python3-yaml python3-jsonschema'
apk_build='gcc musl-dev cmake samurai pkgconf git libgit2-dev curl-dev yaml-dev jansson-dev openssl-dev zlib-dev uthash-dev'
apk_demo='busybox-static buildah'
apk_test='cmocka-dev shellcheck bats bash clang-extra-tools skopeo docker-registry apache2-utils openssl mandoc openssh py3-yaml py3-jsonschema'

installed() {
    case $manager in
    apt) dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed' ;;
    apk) apk info -e "$1" >/dev/null 2>&1 ;;
    *) return 1 ;;
    esac
}

# need KIND...: the packages of these kinds are there, or are put there, or are named.
need() {
    [ "$packages" = yes ] || return 0
    manager=none
    if command -v apt-get >/dev/null 2>&1; then manager=apt; fi
    if command -v apk >/dev/null 2>&1; then manager=apk; fi
    missing=
    for kind in "$@"; do
        case $manager-$kind in
        apk-build) list=$apk_build ;;
        apk-demo) list=$apk_demo ;;
        apk-test) list=$apk_test ;;
        *-build) list=$apt_build ;;
        *-demo) list=$apt_demo ;;
        *) list=$apt_test ;;
        esac
        for package in $list; do
            installed "$package" || missing="$missing $package"
        done
    done
    [ -n "$missing" ] || return 0
    if [ "$manager" = none ]; then
        say "this system has neither apt nor apk; these Debian packages name what is needed:"
        say " $missing"
        say "if they are there under other names, run again with --no-packages"
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        say "these packages are missing; install them as root, then run this again:"
        case $manager in
        apt) say "  apt-get install$missing" ;;
        apk) say "  apk add$missing" ;;
        esac
        exit 1
    fi
    say "installing packages:$missing"
    case $manager in
    apt)
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq || say "apt-get update failed, trying with the lists that are there"
        # shellcheck disable=SC2086 # a list of words
        apt-get install -y -qq --no-install-recommends $missing >"$build/packages.log" 2>&1 ||
            { tail -n 20 "$build/packages.log" >&2; die "apt-get install failed"; }
        ;;
    apk)
        # shellcheck disable=SC2086
        apk add -q $missing || die "apk add failed"
        ;;
    esac
}

# --- building ----------------------------------------------------------------------------------

# build_in NAME CMAKE-ARGUMENT...
build_in() {
    dir=$build/$1
    shift
    log=$build/build.log
    if cmake -S "$top" -B "$dir" -G Ninja "$@" >"$log" 2>&1 && cmake --build "$dir" >>"$log" 2>&1; then
        return 0
    fi
    tail -n 40 "$log" >&2
    die "the build failed; all of its output is in $log"
}

build_release() {
    say "building a release in $build/release"
    build_in release -DCMAKE_BUILD_TYPE=Release -DSLIPWAY_TESTS=OFF "-DCMAKE_INSTALL_PREFIX=$prefix"
}

# Directories that are not there yet go again with uninstall. Where they will be, a try shows.
note_directories() {
    rm -rf "$build/stage"
    DESTDIR=$build/stage cmake --install "$build/release" >"$build/install.log" ||
        die "the installation failed, see $build/install.log"
    (cd "$build/stage" && find . -mindepth 1 -type d) | sed 's/^\.//' | while IFS= read -r dir; do
        [ -d "${DESTDIR:-}$dir" ] || printf '%s\n' "$dir"
    done >>"$build/release/made_directories.txt"
    rm -rf "$build/stage"
}

cmd_install() {
    need build
    build_release
    say "installing below ${DESTDIR:-}$prefix"
    note_directories
    cmake --install "$build/release" >"$build/install.log" ||
        die "the installation failed (is $prefix writable?)"
    say "done: $prefix/bin/slipway; in a repository of yours run: slipway install"
    case ":${PATH:-}:" in
    *":$prefix/bin:"*) ;;
    *) say "note: $prefix/bin is not in your PATH" ;;
    esac
}

cmd_uninstall() {
    manifest=$build/release/install_manifest.txt
    [ -f "$manifest" ] || die "nothing to remove: $manifest is not there (was slipway installed from here?)"
    while IFS= read -r file || [ -n "$file" ]; do
        case $file in
        "$prefix"/*) rm -f "${DESTDIR:-}$file" ;;
        *) die "'$file' is not below $prefix; use --prefix as when you installed" ;;
        esac
    done <"$manifest"
    sort -ru "$build/release/made_directories.txt" 2>/dev/null | while IFS= read -r dir; do
        case $dir/ in
        "$prefix"/*) rmdir "${DESTDIR:-}$dir" 2>/dev/null || true ;;
        esac
    done
    rm -f "$manifest" "$build/release/made_directories.txt"
    say "removed slipway from $prefix; hooks in repositories: slipway uninstall, before this"
}

cmd_demo() {
    case " $* " in
    *" --registry "*) need build demo test ;;
    *) need build demo ;;
    esac
    build_release
    exec "$top/tests/e2e/demo.sh" "$build/release" "$@"
}

cmd_test() {
    need build demo test
    say "building with warnings as errors in $build/dev"
    build_in dev -DCMAKE_BUILD_TYPE=Debug -DSLIPWAY_WERROR=ON
    say "building with AddressSanitizer and UndefinedBehaviorSanitizer in $build/asan"
    build_in asan -DCMAKE_BUILD_TYPE=Debug -DSLIPWAY_WERROR=ON -DSLIPWAY_SANITIZE=ON -DCMAKE_C_FLAGS=-O1
    # Tests of whole ways wait more than they work: two for each processor.
    jobs=$((2 * $(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)))
    say "testing the sanitizer build: everything"
    ctest --test-dir "$build/asan" --output-on-failure -j"$jobs" "$@"
    say "testing the plain build: what does not need a registry or a builder, nor plays histories"
    ctest --test-dir "$build/dev" --output-on-failure -j"$jobs" -LE 'e2e|registry|builder|histories' "$@"
}

cmd_bench() {
    need build demo test
    build_release
    exec "$top/tests/bench/run" "$build/release" "$@"
}

# --- arguments ---------------------------------------------------------------------------------

command=install
case ${1:-} in
demo | test | bench | uninstall | install)
    command=$1
    shift
    ;;
esac
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --prefix)
        [ $# -ge 2 ] || die "--prefix needs a directory"
        prefix=$2
        shift 2
        ;;
    --prefix=*)
        prefix=${1#--prefix=}
        shift
        ;;
    --no-packages)
        packages=no
        shift
        ;;
    *)
        case $command in
        demo | test | bench) break ;;
        *)
            say "unknown argument '$1'"
            usage >&2
            exit 2
            ;;
        esac
        ;;
    esac
done
case $prefix in
/*) ;;
*) prefix=$(pwd)/$prefix ;;
esac
mkdir -p "$build"
"cmd_$command" "$@"
