#!/usr/bin/env bash
# postgresql.sh MAJOR [PACKAGE]...: that PostgreSQL of PGDG's with its headers, and what bin/setup would install, all at
# once. Debian's own scripts would start a server: none is wanted.
set -euo pipefail

become_root=()
[ "$(id -u)" = 0 ] || become_root=(sudo)
"${become_root[@]}" apt-get update
"${become_root[@]}" apt-get install -y --no-install-recommends ca-certificates postgresql-common
"${become_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = off' | "${become_root[@]}" tee /etc/postgresql-common/createcluster.d/none.conf
"${become_root[@]}" /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y
"${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev \
    libclang-dev libssl-dev pkg-config "postgresql-$1" "postgresql-server-dev-$1" "${@:2}"
