# Keeps one PostgreSQL server: does what it is told on its standard input, and ends the server when that is closed.
# Arguments: the folder of PostgreSQL's programs, the server's own folder, its user.
set -u
trap '' HUP INT TERM # whoever ends the tests from a keyboard ends their owner, and so the pipe
bin=$1 folder=$2 user=$3
export PGHOST="$folder" PGUSER="$user" PGDATABASE=postgres
exec 2>>"$folder/log"

server() { "$bin/pg_ctl" -s -D "$folder/data" "$@" </dev/null >>"$folder/log"; }

# Tries some times: after a crash its processes may need a moment to go.
start() {
  export PGPORT="$1"
  tries=$2
  until server -w -o "-p $1" start; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

# All of its processes at once.
crash() {
  postmaster=$(head -n 1 "$folder/data/postmaster.pid")
  children=$(cat "/proc/$postmaster/task/$postmaster/children")
  kill -9 "$postmaster" $children
}

initialise() {
  "$bin/initdb" -N -D "$folder/data" -U "$user" -A scram-sha-256 --pwfile "$folder/password" --encoding UTF8 --locale C >>"$folder/log" &&
    cat "$folder/settings" >>"$folder/data/postgresql.conf"
}

while read -r order what tries; do
  case $order in
    initialise) initialise ;;
    start) start "$what" "$tries" ;;
    kill) crash ;;
    create) "$bin/createdb" "$what" ;;
    drop) "$bin/dropdb" --force --if-exists "$what" & ;; # nobody waits for it
  esac && echo done || echo failed
done

server -m immediate stop
rm -rf "$folder"
