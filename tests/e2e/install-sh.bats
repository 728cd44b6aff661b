# install.sh: what it puts where, and that nothing stays behind. The build is not ours to test here:
# a cmake of our own makes a few files and the manifest, as the real one does.

setup() {
    top=$BATS_TEST_TMPDIR
    mkdir "$top/bin"
    cat >"$top/bin/cmake" <<'END'
#!/bin/sh
case $1 in
-S) mkdir -p "$4"; for word; do case $word in -DCMAKE_INSTALL_PREFIX=*) echo "${word#*=}" >"$4/prefix" ;; esac; done ;;
--build) ;;
--install)
    prefix=$(cat "$2/prefix")
    : >"$2/install_manifest.txt"
    for file in bin/slipway libexec/slipway/pre-push share/man/man1/slipway.1 share/zsh/site-functions/_slipway; do
        mkdir -p "$(dirname "${DESTDIR:-}$prefix/$file")"
        echo x >"${DESTDIR:-}$prefix/$file"
        echo "$prefix/$file" >>"$2/install_manifest.txt"
    done
    ;;
esac
END
    chmod +x "$top/bin/cmake"
    export PATH=$top/bin:$PATH BUILD_DIR=$top/build
    unset DESTDIR
    install_sh=$BATS_TEST_DIRNAME/../../install.sh
}

run_sh() {
    "$install_sh" "$@" --no-packages
}

@test "uninstall takes away the files, and the directories that were not there before" {
    mkdir -p "$top/old/bin" "$top/old/share/man" "$top/old/share/empty"
    touch "$top/old/bin/other"
    find "$top/old" | sort >"$top/before"
    run_sh --prefix "$top/old"
    [ -f "$top/old/libexec/slipway/pre-push" ]
    run_sh --prefix "$top/old" # again, as for an upgrade
    run_sh uninstall --prefix "$top/old"
    find "$top/old" | sort | diff "$top/before" -
    run_sh --prefix "$top/new/place"
    run_sh uninstall --prefix "$top/new/place"
    [ ! -e "$top/new" ] || [ -z "$(find "$top/new" -mindepth 1)" ]
    run run_sh uninstall --prefix "$top/new/place"
    [ "$status" -eq 1 ]
}

@test "DESTDIR: for packages" {
    export DESTDIR=$top/package
    run_sh --prefix /usr/nowhere
    [ -f "$top/package/usr/nowhere/bin/slipway" ]
    run_sh uninstall --prefix /usr/nowhere
    [ -z "$(find "$top/package" -type f)" ]
    [ ! -e "$top/package/usr/nowhere" ]
}

@test "another prefix than the one installed to is left alone" {
    run_sh --prefix "$top/one"
    run run_sh uninstall --prefix "$top/two"
    [ "$status" -eq 1 ]
    [[ $output == *"use --prefix as when you installed"* ]]
    [ -f "$top/one/bin/slipway" ]
}
