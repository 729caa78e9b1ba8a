# Keeps one PostgreSQL server: does what it is told on its standard input, and ends the server when that is closed.
# Arguments: the folder of PostgreSQL's programs, the server's own folder, its user.
set -eu
trap '' HUP INT TERM # whoever ends the tests from a keyboard ends their owner, and so the pipe
bin=$1 folder=$2 user=$3
export PGHOST="$folder" PGUSER="$user" PGDATABASE=postgres

server() { "$bin/pg_ctl" -s -D "$folder/data" "$@" </dev/null >>"$folder/log" 2>&1; }

finish() {
  server -m immediate stop || true
  rm -rf "$folder"
}
trap finish EXIT

"$bin/initdb" -N -D "$folder/data" -U "$user" -A scram-sha-256 --pwfile "$folder/password" --encoding UTF8 --locale C >"$folder/log" 2>&1
cat "$folder/settings" >>"$folder/data/postgresql.conf"

while read -r order name; do
  case $order in
    # after a kill its children may need a moment to go
    start) tries=0; until server -w start; do tries=$((tries + 1)); [ $tries -lt 50 ]; sleep 0.1; done ;;
    kill) kill -9 "$(head -n 1 "$folder/data/postmaster.pid")" ;;
    create) "$bin/createdb" "$name" >>"$folder/log" 2>&1 ;;
    drop) "$bin/dropdb" --force --if-exists "$name" >>"$folder/log" 2>&1 & ;; # nobody waits for it
  esac
  echo done
done
