#!/usr/bin/env bash
# The packages that bin/package makes of the built files: the .deb is installed by dpkg, which checks what it depends
# on, a server is started with what it brought, sells something, and nothing is left once it is removed; packed twice,
# packages are the same to the byte. What PGXN reads, and what the image and the workflow are made of, agrees with
# Cargo.toml.
# Contract: spec/architecture.md, "Versions".
set -euo pipefail
. bin/lib/checks.sh
. bin/lib/servers.sh

servers_and_folder

EXTENSION=promotion_engine
VERSION=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
major=$(psql -XAtqc "SELECT current_setting('server_version_num')::int / 10000")
package=postgresql-$major-promotion-engine
built=${PACKAGES:-target/package}/pg$major
export PATH=$PATH:/usr/sbin:/sbin   # dpkg looks for ldconfig

# with_package_functions COMMAND...: beside what bin/package is made of
with_package_functions() (
    . bin/lib/common.sh
    . bin/lib/package.sh
    "$@"
)
is_debian=$(with_package_functions can_be_deb "$major" && echo yes || true)
libraries=/usr/lib/postgresql/$major/lib
shared=/usr/share/postgresql/$major
if [ -z "$is_debian" ]; then
    libraries=$("$PG_BIN/pg_config" --pkglibdir) shared=$("$PG_BIN/pg_config" --sharedir)
    libraries=${libraries#"$PG_TREE"} shared=${shared#"$PG_TREE"}
fi
# pack FOLDER: everything that bin/package makes, but for what it builds first
pack() {
    mkdir "$1"
    with_package_functions package_tar "$major" "$1"
    if [ -n "$is_debian" ]; then with_package_functions package_deb "$major" "$1"; fi
}
# sums FOLDER: of all files but documents, each with its path
sums() {
    (cd "$1" && find . -type f ! -path './usr/share/doc/*' ! -path '*/lintian/*' -printf '%P\0' \
        | xargs -0 sha256sum --) | sort -k 2
}
hashes() { cut -d ' ' -f 1 "$1" | sort; }
paths() { sed 's/^[^ ]* *//' "$1"; }
unlike() { diff "$1" "$2" | head -n 10 || true; }

pack "$WORK/first"
# Later, elsewhere.
LC_ALL=C.UTF-8 TZ=Pacific/Auckland pack "$WORK/second" >/dev/null
for file in "$WORK"/first/*; do
    check "packed twice: the same ${file##*/}" "" "$(cmp "$file" "$WORK/second/${file##*/}" 2>&1)"
done

# The tar.gz: what was built, at its place, and the licences.
tar=$(find "$WORK/first" -name '*.tar.gz')
mkdir "$WORK/tar"
tar -C "$WORK/tar" -xzf "$tar"
sums "$built" >"$WORK/built.sums"
sums "$WORK/tar" >"$WORK/tar.sums"
check "the tar.gz has the built files" "" "$(unlike <(hashes "$WORK/built.sums") <(hashes "$WORK/tar.sums"))"
check "they are where PostgreSQL looks for them" "$libraries $shared/extension" \
    "$(paths "$WORK/tar.sums" | sed 's|^|/|; s|/[^/]*$||' | sort -u | paste -sd ' ')"
check "they are root's, whoever packed them" "-rw-r--r-- 0/0" \
    "$(tar -tvzf "$tar" | awk '{ print $1, $2 }' | sort -u | paste -sd ' ')"
check "and of one time" "1" "$(tar -tvzf "$tar" --full-time | awk '{ print $4, $5 }' | sort -u | wc -l)"
doc=$WORK/tar/usr/share/doc/$package
check "our licence goes with them" "" "$(sed 's/^$/./; s/^/ /' LICENSE | grep -vxFf "$doc/copyright" || true)"
zcat "$doc/third-party-licences.gz" >"$WORK/licences"
check "and those of what is linked: pgrx is" "1" "$(grep -c '^  pgrx [0-9.]*: MIT$' "$WORK/licences")"

if [ -z "$is_debian" ]; then
    echo "no dpkg here, or not Debian's PostgreSQL: there is no .deb"
else
    deb=$(find "$WORK/first" -name '*.deb')
    field() { dpkg-deb -f "$deb" "$1"; }
    check "the .deb's name" "${package}_$(field Version)_$(dpkg --print-architecture).deb" "${deb##*/}"
    check "its version is Cargo.toml's" "$VERSION" "$(field Version | sed 's/-[0-9]*$//; s/~/-/')"
    check "it depends on its PostgreSQL" "postgresql-$major" "$(field Depends | cut -d , -f 1)"
    check "and on the C library that it was linked with" "1" "$(field Depends | grep -c ', libc6 (>= [0-9.]*)')"
    mkdir "$WORK/deb"
    dpkg-deb -x "$deb" "$WORK/deb"
    sums "$WORK/deb" >"$WORK/deb.sums"
    check "it has the files of the tar.gz" "" "$(unlike <(paths "$WORK/deb.sums") <(paths "$WORK/tar.sums"))"
    check "which are the same, but for the library's symbols" "$EXTENSION.so" \
        "$(diff "$WORK/deb.sums" "$WORK/tar.sums" | sed -n 's/^[<>].*\///p' | uniq)"
    dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./md5sums >"$WORK/md5sums"
    check "its md5sums agree" "" "$(cd "$WORK/deb" && md5sum -c --quiet "$WORK/md5sums" 2>&1 || true)"
    check "for each file" "$(find "$WORK/deb" -type f | wc -l)" "$(wc -l <"$WORK/md5sums")"
    if command -v lintian >/dev/null; then
        check "lintian has nothing to complain of" "" "$(with_package_functions lint_deb "$deb" 2>&1 || true)"
    else
        echo "lintian is not installed: it does not look at the .deb"
    fi

    # The common server's programs without the extension, beside dpkg's own records of what is installed here.
    root=$SERVERS/root
    mkdir "$root"
    cp -R "$PG_TREE/." "$root/"
    find "$root" -type f -name "$EXTENSION*" -delete
    (cd "$root" && find . | sort) >"$WORK/before"
    mkdir -p "$WORK/dpkg/info" "$WORK/dpkg/updates" "$WORK/dpkg/triggers"
    cp /var/lib/dpkg/status "$WORK/dpkg/"
    cp /var/lib/dpkg/info/*.list "$WORK/dpkg/info/"
    # dpkg_in RECORDS [dpkg's arguments]...: what it says stands in $WORK/said; prints its exit status
    dpkg_in() {
        local status=0
        LC_ALL=C dpkg --force-not-root --admindir="$1" --instdir="$root" --log="$WORK/log" "${@:2}" \
            >"$WORK/said" 2>&1 || status=$?
        echo "$status"
    }
    forced=()
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "postgresql-$major" 2>/dev/null || true)" = installed ]; then
        # The same records, as if PostgreSQL were not installed.
        cp -R "$WORK/dpkg" "$WORK/without"
        awk -v RS= -v ORS='\n\n' -v name="Package: postgresql-$major" 'index($0 "\n", name "\n") != 1' \
            "$WORK/dpkg/status" >"$WORK/without/status"
        check "without PostgreSQL $major it is not installed" "1 postgresql-$major" \
            "$(dpkg_in "$WORK/without" -i "$deb") $(sed -n 's/^ *Package \(.*\) is not installed\.$/\1/p' "$WORK/said")"
        dpkg_in "$WORK/without" --purge "$package" >/dev/null
    else
        echo "PostgreSQL $major is no Debian package here: what the .deb depends on is not checked (--force-depends)"
        forced=(--force-depends)
    fi
    check "dpkg installs it" "0" "$(dpkg_in "$WORK/dpkg" "${forced[@]}" -i "$deb")"
    grep '^dpkg: error' "$WORK/said" || true
    check "it is installed" "installed" \
        "$(dpkg-query --admindir="$WORK/dpkg" -W -f '${db:Status-Status}' "$package" 2>&1 || true)"
    check "its files are as they were packed" "0 0" \
        "$(dpkg_in "$WORK/dpkg" --verify "$package") $(wc -l <"$WORK/said")"

    # A server that has its files elsewhere (the bundled ones) finds through links what dpkg installed.
    bin=$root${PG_BIN#"$PG_TREE"}
    links=()
    if [ "$("$bin/pg_config" --pkglibdir)" != "$root$libraries" ]; then
        for file in "$root$libraries/$EXTENSION"* "$root$shared/extension/$EXTENSION"*; do
            folder=$("$bin/pg_config" --sharedir)/extension
            if [[ $file == *.so ]]; then folder=$("$bin/pg_config" --pkglibdir); fi
            ln -s "$file" "$folder/"
            links+=("$folder/${file##*/}")
        done
    fi
    SERVER_BIN=$bin server_new packaged
    # One statement after the other; what fails is shown in place of an answer.
    sql() { PGHOST=$SERVERS/packaged/socket psql -XAtq -d postgres -v ON_ERROR_STOP=1 2>&1 || true; }
    check "CREATE EXTENSION" "$VERSION" "$(sql <<SQL
CREATE EXTENSION $EXTENSION;
SELECT extversion FROM pg_extension WHERE extname = '$EXTENSION';
SQL
)"
    check "a cart is evaluated" "24|8.000000|72.000000" "$(sql <<'SQL'
SELECT length(promo_create_promotion('{
  "name": "a tenth", "type": "POS", "startDate": 0, "endDate": 4102444800000,
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 50}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}')) AS id \gset
SELECT :id, answer #>> '{data,totalDiscount}', answer #>> '{data,payableAmount}'
  FROM promo_evaluate('{"amount": 80, "customerId": 7}') AS answer;
SQL
)"
    check "DROP EXTENSION" "" "$(sql <<<"DROP EXTENSION $EXTENSION;")"
    SERVER_BIN=$bin server_stop packaged
    [ ${#links[@]} = 0 ] || rm "${links[@]}"
    check "dpkg removes it" "0" "$(dpkg_in "$WORK/dpkg" --purge "$package")"
    check "and leaves nothing" "" "$(unlike "$WORK/before" <(cd "$root" && find . | sort))"
fi

# META.json against PGXN's meta specification 1.0.0, as far as that speaks of a file like ours.
check "META.json is valid" "" "$(perl -MJSON::PP - META.json "$VERSION" "$EXTENSION" 2>&1 <<'PERL' || true
use strict;
use warnings;
my ($file, $version, $extension) = @ARGV;
open my $in, '<', $file or die "$file: $!";
my $meta = JSON::PP->new->utf8->decode(do { local $/; <$in> });
my $number = qr/(?:0|[1-9][0-9]*)/;
my $semver = qr/^$number\.$number\.$number(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
my $term = qr{^[^\s/\\[:cntrl:]]{2,}$};
my @required = qw(abstract maintainer license provides name version meta-spec);
my %known = map { $_ => 1 } @required,
    qw(description generated_by tags no_index prereqs release_status resources);
my @missing = grep { !defined $meta->{$_} } @required;
die map { "$_ is missing\n" } @missing if @missing;
print "$_ is no key of the specification\n" for grep { !$known{$_} && !/^x_/i } sort keys %$meta;
print "the abstract is no line\n" if $meta->{abstract} !~ /^[^\n]+$/;
print "name: $meta->{name}\n" if $meta->{name} !~ $term;
print "version: $meta->{version}, but Cargo.toml has $version\n" if $meta->{version} ne $version;
print "version: $version is not of three numbers\n" if $version !~ $semver;
print "meta-spec: $meta->{'meta-spec'}{version}\n" if $meta->{'meta-spec'}{version} !~ /^1\.0\.\d+$/;
print "license: $meta->{license}\n" if $meta->{license} ne 'postgresql';
my $status = $version =~ /-/ ? 'testing' : 'stable';
print "release_status: $meta->{release_status}, not $status\n" if $meta->{release_status} ne $status;
print "provides not $extension\n" if !$meta->{provides}{$extension};
for my $name (sort keys %{$meta->{provides}}) {
    my $provided = $meta->{provides}{$name};
    print "provides $name: not a term\n" if $name !~ $term;
    print "provides $name: $provided->{version}, not $version\n" if $provided->{version} ne $version;
    print "provides $name: there is no $provided->{$_}\n" for grep { !-f $provided->{$_} } qw(file docfile);
}
for my $phase (sort keys %{$meta->{prereqs}}) {
    print "prereqs: $phase is no phase\n" if $phase !~ /^(configure|build|test|runtime|develop)$/;
    for my $relation (sort keys %{$meta->{prereqs}{$phase}}) {
        print "prereqs: $relation\n" if $relation !~ /^(requires|recommends|suggests|conflicts)$/;
        my $needed = $meta->{prereqs}{$phase}{$relation};
        print "prereqs: $_ $needed->{$_}\n"
            for grep { $needed->{$_} ne '0' && $needed->{$_} !~ $semver } sort keys %$needed;
    }
}
print "tags: $_\n" for grep { $_ !~ m{^[^/\\[:cntrl:]]{1,255}$} } @{$meta->{tags}};
PERL
)"

# What other files have to repeat of Cargo.toml.
majors=$(sed -n 's/^pg\([0-9]*\) = .*/\1/p' Cargo.toml | sort -n | paste -sd ' ')
check "META.json asks for the oldest PostgreSQL" "${majors%% *}.0.0" \
    "$(sed -n 's/^ *"PostgreSQL": "\(.*\)",/\1/p' META.json)"
check "the workflow has them all, in each matrix" "$majors" \
    "$(sed -n 's/^ *pg: \[\(.*\)\]$/\1/p' .github/workflows/test.yml | tr -d , | sort -u | paste -sd '|')"
check "the image is of the newest, unless it is told otherwise" "${majors##* }" \
    "$(sed -n 's/^ARG PG_MAJOR=//p' packaging/docker/Dockerfile)"
check "it is built with the Rust that is asked for" "$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)" \
    "$(sed -n 's/^ARG RUST_VERSION=//p' packaging/docker/Dockerfile)"
# cargo wants to see each member's manifest, whatever it builds.
manifests=$(cargo metadata --locked --offline --no-deps --format-version 1 | grep -o '"manifest_path":"[^"]*"')
check "no member of the workspace is kept from it" "" "$(sed "s|.*\"$PWD/||; s|\"\$||" <<<"$manifests" \
    | while read -r manifest; do
        while read -r ignored; do
            if [[ $manifest == "$ignored"/* ]]; then echo "$ignored: $manifest"; fi
        done <packaging/docker/Dockerfile.dockerignore
    done)"
close_checks
