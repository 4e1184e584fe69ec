#!/usr/bin/env bash
# The packages that bin/package makes of the built files: the .deb is installed by dpkg, which checks what it depends on, a
# server is started from what it brought, sells something, and nothing is left once it is removed; packed twice, packages
# are the same to the byte. And what PGXN reads of us, and what images and workflows are made of, agrees with Cargo.toml.
set -euo pipefail
. bin/lib/checks.sh
. bin/lib/servers.sh

WORK=$(mktemp -d)
clean_up() {
    servers_clean_up
    rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

major=$(psql -XAtqc "SELECT current_setting('server_version_num')::int / 10000")
EXTENSION=promotion_engine
PACKAGE=postgresql-$major-promotion-engine
LIBRARIES=/usr/lib/postgresql/$major/lib
SHARED=/usr/share/postgresql/$major
VERSION=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
export PATH=$PATH:/usr/sbin:/sbin   # dpkg looks for ldconfig

# pack FOLDER: everything that bin/package makes, but for what it builds first
pack() (
    . bin/lib/common.sh
    . bin/lib/package.sh
    mkdir "$1"
    package_tar "$major" "$1"
    if command -v dpkg-deb >/dev/null; then package_deb "$major" "$1"; fi
)
# sums FOLDER: of all files but documents, each with its path
sums() { (cd "$1" && find . -type f ! -path './usr/share/doc/*' -printf '%P\0' | xargs -0 sha256sum -- | sort -k 2); }

pack "$WORK/first" >"$WORK/packed"
cat "$WORK/packed"
# Later, elsewhere.
LC_ALL=C.UTF-8 TZ=Pacific/Auckland pack "$WORK/second" >/dev/null
for file in "$WORK"/first/*; do
    check "packed twice: the same ${file##*/}" "" "$(cmp "$file" "$WORK/second/${file##*/}" 2>&1)"
done

# The tar.gz: what was built, at its place, and the licences.
tar=$(find "$WORK/first" -name '*.tar.gz')
mkdir "$WORK/tar"
tar -C "$WORK/tar" -xzf "$tar"
find target/package/"pg$major" -name "$EXTENSION*" -type f -printf '%f\n' | sort >"$WORK/built"
sums "$WORK/tar" >"$WORK/tar.sums"
check "the tar.gz has the built files alone" "" "$(diff "$WORK/built" <(sed 's|.*/||' "$WORK/tar.sums" | sort))"
check "and they are the same" "" "$(cd target/package/"pg$major" && find . -type f -exec sha256sum {} + | cut -d ' ' -f 1 | sort | diff - <(cut -d ' ' -f 1 "$WORK/tar.sums" | sort))"
check "where PostgreSQL looks for them" "$LIBRARIES $SHARED/extension" "$(sed 's|^[0-9a-f]* *\(.*\)/[^/]*$|/\1|' "$WORK/tar.sums" | sort -u | paste -sd ' ')"
check "they are root's, whoever packed them, and of one time" "-rw-r--r-- 0/0" "$(tar -tvzf "$tar" --full-time | awk '{ modes[$1 " " $2]; times[$4 " " $5] } END { for (i in modes) print i; for (i in times) n++; if (n != 1) print n " times" }')"
doc=$WORK/tar/usr/share/doc/$PACKAGE
check "our licence goes with them" "" "$(grep -v '^$' LICENSE | sed 's/^/ /' | grep -vxFf "$doc/copyright" || true)"
check "and those of all packages that are linked: pgrx is one" "1" "$(zcat "$doc/third-party-licences.gz" | grep -c '^  pgrx [0-9.]*: MIT$')"

if ! command -v dpkg-deb >/dev/null; then
    echo "no dpkg here: the .deb is not tested"
else
    deb=$(find "$WORK/first" -name '*.deb')
    field() { dpkg-deb -f "$deb" "$1"; }
    check "the .deb's name" "${PACKAGE}_$(field Version)_$(dpkg --print-architecture).deb" "${deb##*/}"
    check "its version is Cargo.toml's" "$VERSION" "$(field Version | sed 's/-[0-9]*$//; s/~/-/')"
    check "it depends on its PostgreSQL" "postgresql-$major" "$(field Depends | cut -d , -f 1)"
    check "and on the C library that it was linked with" "1" "$(field Depends | grep -c ', libc6 (>= [0-9.]*)')"
    mkdir "$WORK/deb"
    dpkg-deb -x "$deb" "$WORK/deb"
    sums "$WORK/deb" | grep -v lintian >"$WORK/deb.sums"
    check "the .deb and the tar.gz have the same files, but for the library's symbols" "$EXTENSION.so" \
        "$(diff "$WORK/deb.sums" "$WORK/tar.sums" | sed -n 's/^[<>].*\///p' | uniq)"
    check "no more of them, no less" "" "$(diff <(sed 's/^[^ ]* *//' "$WORK/deb.sums") <(sed 's/^[^ ]* *//' "$WORK/tar.sums"))"
    check "md5sums has all files" "" "$(cd "$WORK/deb" && dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums | md5sum -c --quiet 2>&1 || true)"
    check "and no other" "$(cd "$WORK/deb" && find . -type f | wc -l)" "$(dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums | wc -l)"
    if command -v lintian >/dev/null; then
        check "lintian has nothing to complain of" "" "$( (. bin/lib/common.sh && . bin/lib/package.sh && lint_deb "$deb") 2>&1 || true)"
    else
        echo "lintian is not installed: the .deb is not looked at by it"
    fi

    # The common server's programs without the extension, with dpkg's own records of what is installed here.
    root=$SERVERS/root
    mkdir "$root"
    cp -R "$PG_TREE/." "$root/"
    find "$root" -type f -name "$EXTENSION*" -delete
    mkdir -p "$WORK/dpkg/info" "$WORK/dpkg/updates" "$WORK/dpkg/triggers"
    cp /var/lib/dpkg/status "$WORK/dpkg/"
    cp /var/lib/dpkg/info/*.list "$WORK/dpkg/info/"
    dpkg_here() { dpkg --force-not-root --admindir="$WORK/dpkg" --instdir="$root" --log="$WORK/dpkg.log" "$@" 2>&1; }
    files_of() { (cd "$root" && find . | sort); }
    files_of >"$WORK/before"
    forced=()
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "postgresql-$major" 2>/dev/null || true)" = installed ]; then
        # Nobody installs it without PostgreSQL: as if that were not there.
        cp -R "$WORK/dpkg" "$WORK/without"
        awk -v RS= -v ORS='\n\n' -v package="Package: postgresql-$major" 'index($0 "\n", package "\n") != 1' "$WORK/dpkg/status" >"$WORK/without/status"
        mkdir "$WORK/none"
        check "without PostgreSQL $major it is not installed" "1 postgresql-$major" \
            "$(dpkg --force-not-root --admindir="$WORK/without" --instdir="$WORK/none" --log="$WORK/dpkg.log" -i "$deb" >"$WORK/refused" 2>&1; echo $?) $(sed -n 's/^ *Package \(.*\) is not installed\.$/\1/p' "$WORK/refused")"
    else
        echo "PostgreSQL $major here is no Debian package: what the .deb depends on is not checked (--force-depends)"
        forced=(--force-depends)
    fi
    check "dpkg installs it" "0" "$(dpkg_here "${forced[@]}" -i "$deb" >"$WORK/installed"; echo $?)"
    grep -iE '^dpkg: (error|warning)' "$WORK/installed" | head -n 5 || true
    check "it is installed" "installed" "$(dpkg-query --admindir="$WORK/dpkg" -W -f '${db:Status-Status}' "$PACKAGE")"
    check "dpkg finds its files as they were packed" "" "$(dpkg_here --verify "$PACKAGE")"

    # A server that has its files elsewhere (bin/setup's bundled ones) finds what dpkg installed through links.
    bin=$root${PG_BIN#"$PG_TREE"}
    links=()
    if [ ! -e "$("$bin/pg_config" --pkglibdir)/$EXTENSION.so" ]; then
        for file in "$root$LIBRARIES/$EXTENSION"* "$root$SHARED/extension/$EXTENSION"*; do
            folder=$("$bin/pg_config" --pkglibdir)
            [[ $file == *.so ]] || folder=$("$bin/pg_config" --sharedir)/extension
            ln -s "$file" "$folder/"
            links+=("$folder/${file##*/}")
        done
    fi
    SERVER_BIN=$bin server_new packaged
    sql() { PGHOST=$SERVERS/packaged/socket psql -XAtq -d postgres -v ON_ERROR_STOP=1 "$@" 2>&1; }
    check "CREATE EXTENSION" "$VERSION" "$(sql -c "CREATE EXTENSION $EXTENSION" -c "SELECT extversion FROM pg_extension WHERE extname = '$EXTENSION'" || true)"
    check "a promotion is made" "24" "$(sql -c "SELECT length(promo_create_promotion('{\"name\": \"a tenth\", \"type\": \"POS\", \"startDate\": 0, \"endDate\": 4102444800000,
        \"condition\": {\"type\": \"CART\", \"cartCondition\": {\"kpi\": \"SUBTOTAL\", \"operator\": \"GREATER_THAN\", \"value\": 50}},
        \"action\": {\"type\": \"CART_BASED\", \"cartBasedAction\": {\"type\": \"PERCENTAGE\", \"value\": 10}}}'))" || true)"
    check "a cart is evaluated" "8.000000 72.000000" "$(sql -F ' ' -c "SELECT data ->> 'totalDiscount', data ->> 'payableAmount'
        FROM (SELECT promo_evaluate('{\"amount\": 80, \"customerId\": 7}') -> 'data' AS data) answer" || true)"
    check "DROP EXTENSION" "" "$(sql -c "DROP EXTENSION $EXTENSION" || true)"
    SERVER_BIN=$bin server_stop packaged
    [ ${#links[@]} = 0 ] || rm "${links[@]}"
    check "dpkg removes it" "0" "$(dpkg_here "${forced[@]}" --purge "$PACKAGE" >"$WORK/removed"; echo $?)"
    files_of >"$WORK/after"
    check "and leaves nothing" "" "$(diff "$WORK/before" "$WORK/after" | head -n 10)"
fi

# META.json against https://pgxn.org/spec, as far as it tells of a file like ours.
check "META.json is valid" "" "$(perl -MJSON::PP - META.json "$VERSION" "$EXTENSION" <<'PERL'
use strict;
use warnings;
my ($file, $version, $extension) = @ARGV;
open my $in, '<', $file or die "$file: $!";
my $meta = JSON::PP->new->utf8->decode(do { local $/; <$in> });
my $number = qr/(?:0|[1-9][0-9]*)/;
my $semver = qr/^$number\.$number\.$number(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
my $term = qr{^[^\s/\\[:cntrl:]]{2,}$};
my %known = map { $_ => 1 } qw(abstract maintainer license provides name version meta-spec description generated_by tags
    no_index prereqs release_status resources);
print "$_ is missing\n" for grep { !defined $meta->{$_} } qw(abstract maintainer license provides name version meta-spec);
print "$_ is no key of the specification\n" for grep { !$known{$_} && !/^x_/i } sort keys %$meta;
print "the abstract is no line\n" if $meta->{abstract} !~ /^[^\n]{1,}$/;
print "name: $meta->{name}\n" if $meta->{name} !~ $term;
print "version: $meta->{version}, but Cargo.toml has $version\n" if $meta->{version} ne $version || $version !~ $semver;
print "meta-spec: $meta->{'meta-spec'}{version}\n" if $meta->{'meta-spec'}{version} !~ /^1\.0\.\d+$/;
print "license: $meta->{license}\n" if $meta->{license} ne 'postgresql';
print "release_status: $meta->{release_status}\n" if $meta->{release_status} ne ($version =~ /-/ ? 'testing' : 'stable');
print "provides nothing\n" if !%{$meta->{provides}};
print "provides not $extension\n" if !$meta->{provides}{$extension};
for my $name (sort keys %{$meta->{provides}}) {
    my $provided = $meta->{provides}{$name};
    print "provides $name: not a term\n" if $name !~ $term;
    print "provides $name: $provided->{version}, but Cargo.toml has $version\n" if $provided->{version} ne $version;
    print "provides $name: there is no $provided->{$_}\n" for grep { !-f $provided->{$_} } qw(file docfile);
}
for my $phase (sort keys %{$meta->{prereqs}}) {
    print "prereqs: $phase is no phase\n" if $phase !~ /^(configure|build|test|runtime|develop)$/;
    for my $relation (sort keys %{$meta->{prereqs}{$phase}}) {
        print "prereqs: $relation\n" if $relation !~ /^(requires|recommends|suggests|conflicts)$/;
        my $needed = $meta->{prereqs}{$phase}{$relation};
        print "prereqs: $_ $needed->{$_}\n" for grep { $needed->{$_} ne '0' && $needed->{$_} !~ $semver } sort keys %$needed;
    }
}
print "tags: $_\n" for grep { $_ !~ m{^[^/\\[:cntrl:]]{1,255}$} } @{$meta->{tags}};
PERL
)"
least=$(sed -n 's/^pg\([0-9]*\) = .*/\1/p' Cargo.toml | sort -n | head -n 1)
check "META.json asks for the oldest PostgreSQL that Cargo.toml knows" "$least.0.0" "$(sed -n 's/^ *"PostgreSQL": "\(.*\)",/\1/p' META.json)"

# Versions that other files have to repeat.
minor() { sed -nE "s/^$1 = \"?([0-9]+\.[0-9]+).*/\1/p" Cargo.toml; }
check "the image is built with the Rust that Cargo.toml asks for" "$(minor rust-version)" "$(sed -n 's/^ARG RUST_VERSION=//p' packaging/docker/Dockerfile)"
check "the workflow tests what Cargo.toml knows, the newest is the image's" \
    "$(sed -n 's/^pg\([0-9]*\) = .*/\1/p' Cargo.toml | sort -n | paste -sd ' ')" \
    "$(sed -n 's/^ *pg: \[\(.*\)\]/\1/p' .github/workflows/test.yml | sort -u | tr -d , | tr ' ' '\n' | grep -v "^$(sed -n 's/^ARG PG_MAJOR=\(.\)/\1/p' packaging/docker/Dockerfile)\$" | paste -sd ' ') $(sed -n 's/^ARG PG_MAJOR=//p' packaging/docker/Dockerfile)"
if command -v hadolint >/dev/null; then check "hadolint has nothing to complain of" "" "$(hadolint packaging/docker/Dockerfile 2>&1 || true)"; fi
close_checks
