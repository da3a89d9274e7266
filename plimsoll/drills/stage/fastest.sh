# How long a restore takes beside a database server, from a backup that lies ready to the first answer.
# sh -c TEXT fastest physical|logical TEXT; the last line is: took FROM TO
set -eu
export PGUSER="${PGUSER:-${POSTGRES_USER:-postgres}}" PGDATABASE="${POSTGRES_DB:-postgres}"
PATH="$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"
data=$(psql --no-psqlrc --no-align --tuples-only --command 'SHOW data_directory')
owner=$(stat --format %u "$data")
if [ "$(id -u)" != "$owner" ]; then # PostgreSQL runs as nobody else
  exec setpriv --reuid="$owner" --regid="$(stat --format %g "$data")" --clear-groups sh -c "$2" fastest "$1" "$2"
fi
# Beside the data, on the same medium; a socket's path has to be short.
work=$(mktemp --directory "$(dirname "$data")/fastest.XXXXXX" 2>/dev/null || mktemp --directory)
there=$work/there socket=$(mktemp --directory) scratch=plimsoll_fastest

leave() {
  if [ -e "$there/postmaster.pid" ]; then pg_ctl --pgdata "$there" --mode immediate --silent stop; fi
  dropdb --if-exists --no-password "$scratch" 2>/dev/null
  rm -rf "$work" "$socket"
}
trap leave EXIT

now() { date +%s.%N; }
asked() { psql --no-psqlrc --quiet --command 'SELECT count(*) FROM pg_class' "$@" >/dev/null; }

case $1 in
physical)
  pg_basebackup --pgdata "$work/base" --wal-method stream --checkpoint fast --no-password
  started=$(now)
  cp --archive "$work/base" "$there"
  echo 'local all all trust' >"$there/pg_hba.conf"
  : >"$there/postgresql.conf" # the other server's ports, archive and certificates are none of this one's
  : >"$there/postgresql.auto.conf"
  initdb --sync-only --pgdata "$there" >/dev/null
  pg_ctl --pgdata "$there" --wait --silent --log "$work/log" start --options \
    "-c listen_addresses= -c unix_socket_directories=$socket -c port=5432 -c max_connections=1000" ||
    { tail -n 3 "$work/log" >&2 && exit 1; }
  PGHOST=$socket PGPORT=5432 asked
  ;;
logical)
  pg_dump --format custom --compress 1 --no-password --file "$work/dump"
  createdb --template template0 --no-password "$scratch"
  started=$(now)
  pg_restore --jobs 2 --exit-on-error --no-password --dbname "$scratch" "$work/dump"
  asked --dbname "$scratch"
  ;;
esac
echo "took $started $(now)"
