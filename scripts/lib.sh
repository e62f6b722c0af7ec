# shellcheck shell=bash
# What the scripts share: words to the user, root's rights, where things are. Sourced, never run.

# top is the checkout; cache holds what is made once per machine (base images, benchmark contexts); dist is the built service.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # used by the scripts that source this
cache=${SLIPWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slipway}
# shellcheck disable=SC2034
dist=$top/target/dist
service_account=slipway

say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'slipway: %s\n' "$*" >&2
  exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# as_root CMD…: runs CMD as root, through sudo where the caller is somebody else.
as_root() {
  if is_root; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "'$*' needs root: install sudo or run ./dev as root"
  fi
}

# service_user: the name of the user that the service runs as. Root never runs it itself.
service_user() { if is_root; then echo "$service_account"; else id -un; fi; }

# free_port: prints a TCP port of loopback on which nothing listens now.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if ! port_taken "$port"; then
      echo "$port"
      return
    fi
  done
  die "found no free port on loopback"
}

# port_taken PORT: true where something accepts connections on 127.0.0.1:PORT.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# end_process PID: ends a process that we started and waits until it is gone; after 20 s it is killed.
end_process() {
  local pid=$1
  kill -TERM "$pid" 2>/dev/null || return 0
  for _ in $(seq 200); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}
