#!/bin/sh
# What tests need beside Python: a PostgreSQL server and Chromium. As root on Debian this installs
# what is missing, elsewhere it says what will be skipped.
set -eu

missing=""
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1 \
    && [ -z "${TEST_POSTGRES_URL:-}" ]; then
  missing="postgresql"
fi
if [ -z "${CHROMIUM_PATH:-}" ] && ! command -v chromium >/dev/null 2>&1 \
    && ! command -v chromium-browser >/dev/null 2>&1 && ! command -v google-chrome >/dev/null 2>&1; then
  missing="$missing chromium fonts-noto-core"
fi
[ -n "$missing" ] || exit 0

system=$(. /etc/os-release 2>/dev/null && echo "$ID" || uname -s)
if [ "$system" = debian ] && [ "$(id -u)" = 0 ]; then
  echo "Installing$(printf ' %s' $missing) ..."
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  case $missing in *postgresql*)
    # Tests start a server of their own; Debian's would only take room.
    apt-get -qq install -y --no-install-recommends postgresql-common
    echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf ;;
  esac
  # shellcheck disable=SC2086 # several names of packages
  apt-get -qq install -y --no-install-recommends $missing
else
  echo "Missing here:$(printf ' %s' $missing). The tests that need them are skipped." >&2
fi
