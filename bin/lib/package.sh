# shellcheck shell=bash
# Sourced after common.sh: packages of the files that bin/build laid out, written into a folder. The same files, the
# same commit and the same tools give the same bytes, whoever packs them, where and when.
#
#   package_tar MAJOR FOLDER   promotion_engine-VERSION-pgN-linux-MACHINE.tar.gz, to be unpacked at /
#   package_deb MAJOR FOLDER   postgresql-N-promotion-engine_VERSION-REVISION_ARCHITECTURE.deb
#   package_source FOLDER      promotion_engine-VERSION.zip of the last commit, as PGXN takes it
#   deb_file MAJOR             that file's name
#   can_be_deb MAJOR           whether dpkg is here, and that PostgreSQL is laid out as Debian's are
#   lint_deb FILE              lintian's errors and warnings fail
#
# packaging/README.md says what is in them. DEBFULLNAME and DEBEMAIL name the maintainer of a .deb, as they do for
# Debian's own tools.

DEBIAN_REVISION=1
MAINTAINER="${DEBFULLNAME:-The promotion_engine developers} <${DEBEMAIL:-promotion-engine@maintainer.invalid}>"

# The version that a Cargo.toml gives the extension: version_in FILE.
version_in() { sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$1"; }
extension_version() { version_in "$ROOT/Cargo.toml"; }

# The time that all files get: the last commit's, or Cargo.toml's where git tells of none (PGXN's zip, a checkout of
# somebody else's).
source_time() {
    if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then say "$SOURCE_DATE_EPOCH"
    else git -C "$ROOT" log -1 --format=%ct 2>/dev/null || stat -c %Y "$ROOT/Cargo.toml"
    fi
}

deb_name() { say "postgresql-$1-promotion-engine"; }

# 1.0.0~rc.1 comes before 1.0.0.
deb_version() {
    local version
    version=$(extension_version)
    say "${version/-/\~}-$DEBIAN_REVISION"
}

# fill TEMPLATE NAME=value...: the template, each @NAME@ being its value
fill() {
    local text pair
    text=$(<"$1")
    shift
    for pair; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
    say "$text"
}

# Licences ask for their texts to go with the programs that have the code in them: all that a package has, but the one
# for MIT alone where its authors let it be taken under that one. (Where they left the text out, it stands at the end.)
third_party_licences() {
    local packages package licence name version folder file files mit without=()
    packages=$(cargo tree --locked --offline -p "$EXTENSION" --edges normal,no-proc-macro --prefix none \
        --no-default-features --features "pg$1" --format '{p}|{l}') || die "cargo tree does not know what is linked"
    # Ours stand with their folders.
    packages=$(sed 's/ (\*)$//' <<<"$packages" | grep -vF "($ROOT" | LC_ALL=C sort -u)
    say "$EXTENSION.so contains code of these Rust packages:" ""
    sed 's/^\([^ ]*\) v\([^|]*\)|/  \1 \2: /' <<<"$packages"
    while IFS='|' read -r package licence; do
        name=${package%% *} version=${package##* v}
        folder=$(compgen -G "${CARGO_HOME:-$HOME/.cargo}/registry/src/*/$name-$version" | head -n1) \
            || die "the sources of $name $version are missing"
        mapfile -t files < <(find "$folder" -type f \( -iname 'LICEN[CS]E*' -o -iname 'COPYING*' -o -iname 'NOTICE*' \
            -o -ipath '*/LICENSES/*' \) | LC_ALL=C sort)
        mit=()
        for file in "${files[@]}"; do if [[ ${file##*/} == *MIT* ]]; then mit+=("$file"); fi; done
        if [ ${#mit[@]} != 0 ] && [[ $licence != *AND* ]]; then files=("${mit[@]}"); fi
        [ ${#files[@]} != 0 ] || without+=("$name $version")
        for file in "${files[@]}"; do
            printf '\n---- %s %s, %s\n\n' "$name" "$version" "${file#"$folder"/}"
            tr -d '\r' <"$file"
        done
    done <<<"$packages"
    printf '\n---- %s' "${without[@]}"
    say "" ""
    cat packaging/licences/MIT
}

# places_of PG_CONFIG MAJOR: the folders of libraries and of shared files that packages have for that PostgreSQL. The
# bundled ones of the tests have theirs below target/, where nobody else would look: as Debian's, for them.
places_of() {
    if [[ $1 == "$BUNDLED"/* ]]; then say "/usr/lib/postgresql/$2/lib /usr/share/postgresql/$2"
    else say "$("$1" --pkglibdir) $("$1" --sharedir)"
    fi
}

can_be_deb() {
    local pg_config
    pg_config=$(find_pg_config "$1") && command -v dpkg-deb >/dev/null \
        && [ "$(places_of "$pg_config" "$1")" = "/usr/lib/postgresql/$1/lib /usr/share/postgresql/$1" ]
}

# lay_out MAJOR TREE: the built files at their places, and their documents.
lay_out() {
    local major=$1 tree=$2 pg_config package libraries shared into_libraries into_shared version doc
    pg_config=$(find_pg_config "$major") || die "no PostgreSQL $major: run bin/setup $major"
    package=$PACKAGES/pg$major
    libraries=$("$pg_config" --pkglibdir) shared=$("$pg_config" --sharedir)
    [ -f "$package$shared/extension/$EXTENSION.control" ] || die "nothing is built for $pg_config: run bin/build $major"
    version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$package$shared/extension/$EXTENSION.control")
    [ "$version" = "$(extension_version)" ] \
        || die "$package is $version, not $(extension_version): run bin/build $major"

    read -r into_libraries into_shared <<<"$(places_of "$pg_config" "$major")"
    mkdir -p "$tree$into_libraries" "$tree$into_shared"
    cp -R "$package$libraries/." "$tree$into_libraries/"
    cp -R "$package$shared/." "$tree$into_shared/"
    [ "$(find "$package" -type f | wc -l)" = "$(find "$tree" -type f | wc -l)" ] \
        || die "$package has files that belong to no place known here"

    doc=$tree/usr/share/doc/$(deb_name "$major")
    mkdir -p "$doc"
    fill packaging/debian/copyright "LICENSE=$(sed 's/^$/./; s/^/ /' LICENSE)" >"$doc/copyright"
    third_party_licences "$major" | gzip -n9 >"$doc/third-party-licences.gz"
    gzip -n9 <CHANGELOG.md >"$doc/changelog.gz"
    gzip -n9 <README.md >"$doc/README.md.gz"
    find "$tree" -type d -exec chmod 755 {} +
    find "$tree" -type f -exec chmod 644 {} +
}

package_tar() (
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    time=$(source_time)
    file=$2/$EXTENSION-$(extension_version)-pg$1-linux-$(uname -m).tar.gz
    lay_out "$1" "$tree"
    # Nothing that unpacks at / may change the modes of folders there: files alone are in it.
    (cd "$tree" && find . -type f -printf '%P\n' | LC_ALL=C sort \
        | tar -c --format=gnu --mtime="@$time" --owner=0 --group=0 --numeric-owner --no-recursion -T -) \
        | gzip -n9 >"$file"
    say "$file"
)

deb_file() { say "$(deb_name "$1")_$(deb_version)_$(dpkg --print-architecture).deb"; }

package_deb() (
    major=$1 name=$(deb_name "$1") version=$(deb_version) file=$2/$(deb_file "$1")
    time=$(source_time)
    architecture=$(dpkg --print-architecture)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    tree=$work/tree
    doc=$tree/usr/share/doc/$name library=$tree/usr/lib/postgresql/$major/lib/$EXTENSION.so
    mkdir "$tree" "$work/debian"
    lay_out "$major" "$tree"
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$library"

    cp packaging/debian/README.Debian "$doc/"
    fill packaging/debian/changelog "PACKAGE=$name" "VERSION=$version" "UPSTREAM=$(extension_version)" \
        "MAINTAINER=$MAINTAINER" "DATE=$(LC_ALL=C date -u -R -d "@$time")" | gzip -n9 >"$doc/changelog.Debian.gz"
    mkdir -p "$tree/usr/share/lintian/overrides"
    fill packaging/debian/lintian-overrides "PACKAGE=$name" "PG=$major" >"$tree/usr/share/lintian/overrides/$name"

    # dpkg-shlibdeps wants to know which package it is for. It would warn of all symbols that are the server's, which
    # loads the library.
    printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' "$name" "$name" >"$work/debian/control"
    libraries=$(cd "$work" && dpkg-shlibdeps --warnings=0 -O "$library" 2>"$work/log") \
        || { cat "$work/log" >&2; die "dpkg-shlibdeps failed"; }
    size=$(find "$tree" -printf '%y %s\n' | awk '{ kB += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print kB }')
    (cd "$tree" && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' md5sum) >"$work/md5sums"
    mkdir "$tree/DEBIAN"
    cp "$work/md5sums" "$tree/DEBIAN/"
    fill packaging/debian/control "PACKAGE=$name" "VERSION=$version" "ARCHITECTURE=$architecture" \
        "MAINTAINER=$MAINTAINER" "SIZE=$size" "PG=$major" "LIBRARIES=${libraries#shlibs:Depends=}" \
        >"$tree/DEBIAN/control"

    find "$tree" -type d -exec chmod 755 {} +
    find "$tree" -type f -exec chmod 644 {} +
    find "$tree" -exec touch --no-dereference --date="@$time" {} +
    # With more threads than one the bytes depend on how many there are.
    SOURCE_DATE_EPOCH=$time DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$tree" "$file" >/dev/null
    say "$file"
)

package_source() (
    name=$EXTENSION-$(extension_version)
    [ -e .git ] || die "the zip is made of a commit"
    [ "$(git show HEAD:Cargo.toml | version_in /dev/stdin)" = "$(extension_version)" ] \
        || die "Cargo.toml's version is not committed"
    # git writes a zip's times in the zone of whoever makes it.
    TZ=UTC git archive --format=zip --prefix="$name/" -o "$1/$name.zip" HEAD
    say "$1/$name.zip"
)

lint_deb() { LC_ALL=C lintian --no-cfg --allow-root --tag-display-limit 0 --fail-on error --fail-on warning "$1"; }
