# shellcheck shell=bash
# The builders that `./dev bench` measures, each with the same five functions:
#   NAME_begin            once: whatever it needs before anything is measured
#   NAME_forget           afterwards nothing of what it pulled, built or cached is left, and it is ready to build
#   NAME_build CONTEXT…   builds the contexts of these names at the same time and pushes their images to the registry
#   NAME_rest             it takes no processor while others are measured
#   NAME_version          what it is called in the table
#   NAME_end              at the end, if it left something running
# Sourced by scripts/bench, which sets work, registry_port and service_port.

image_of() { echo "127.0.0.1:$registry_port/bench/$1-${2,,}:latest"; }

# --- Slipway: the service with its defaults, over HTTP

slipway_begin() { service_port=$(free_port); }

slipway_version() { echo Slipway; }

slipway_forget() {
  slipway_start
  use_service
}

# slipway_start: a new service with the properties in SLIPWAY_OPTS.
slipway_start() {
  slipway_rest
  : >"$work/service.log"
  SLIPWAY_HOME=$work/home SLIPWAY_PORT=$service_port "$top/dev" up >"$work/service.log" 2>&1 </dev/null &
  service_pid=$!
  for _ in $(seq 1200); do
    if grep -q 'Slipway is ready at' "$work/service.log"; then
      token=$(cat "$work/home/admin-token")
      return
    fi
    kill -0 "$service_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/service.log" >&2
  die "the service did not become ready"
}

# use_service: builds what no case builds, so that the service has worked before, as on a machine that has been up for a while.
use_service() {
  local number
  mkdir -p "$work/contexts/used"
  for number in $(seq 8); do
    printf 'FROM scratch\nLABEL number=%s\n' "$number" >"$work/contexts/used/Dockerfile"
    slipway_build used
  done
  # The next spare worker has to be there.
  sleep 3
}

slipway_rest() {
  [ -z "$service_pid" ] || end_process "$service_pid"
  service_pid=
  [ ! -d "$work/home" ] || remove_home "$work/home"
}

remove_home() { if is_root; then rm -rf "$1"; else unshare --user --map-root-user --map-auto rm -rf "$1"; fi; }

# slipway_send CONTEXT: the same through ./dev build --server, which sends only what the service lacks.
slipway_send() {
  XDG_CACHE_HOME=$work/client SLIPWAY_TOKEN=$token "$top/dev" build "$work/contexts/$1" --server "http://127.0.0.1:$service_port" \
    --tag "$(image_of slipway "$1")" >"$work/send.log" 2>&1 || {
    cat "$work/send.log" >&2
    die "Slipway could not build $1"
  }
}

slipway() { curl -fsS -H "Authorization: Bearer $token" "$@"; }

slipway_build() { at_once build_resource "$@" >/dev/null; }

# at_once COMMAND ARG…: runs COMMAND ARG for each ARG at the same time; fails if one fails.
at_once() {
  local command=$1 argument pids=()
  shift
  if [ $# = 1 ]; then
    "$command" "$1"
    return
  fi
  for argument in "$@"; do
    "$command" "$argument" &
    pids+=($!)
  done
  for argument in "${pids[@]}"; do wait "$argument"; done
}

# build_resource CONTEXT: posts the context and waits for the end; prints the build.
build_resource() {
  local id build
  build=$(tar -C "$work/contexts/$1" -c . | slipway --data-binary @- -H 'Content-Type: application/x-tar' \
    "http://127.0.0.1:$service_port/v1/builds?tag=$(image_of slipway "$1")")
  id=$(field id "$build")
  while :; do
    build=$(slipway "http://127.0.0.1:$service_port/v1/builds/$id?wait=60s")
    case $(field state "$build") in
    succeeded) break ;;
    failed | cancelled) die "Slipway could not build $1: $build" ;;
    esac
  done
  printf '%s\n' "$build"
}

# field NAME JSON: the first string of that name. Without a process of its own: it would be measured too.
field() { [[ $2 =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; }

# --- BuildKit: the one in Debian sid's Docker, as root, through docker buildx

# The daemon and its clients live in one namespace: a shell in there reads what is to be done and answers with its exit status.
buildkit_begin() {
  mkdir -p "$work/buildkit"
  mkfifo "$work/buildkit/ask" "$work/buildkit/answer"
  cat >"$work/buildkit/serve" <<'S'
exec 3<"$1/ask" 4>"$1/answer"
build() { docker buildx build --network=host --provenance=false --push -t "$2" "$1"; }
while read -r name arguments <&3; do
  status=0
  set -- "$1" $arguments
  case $name in
  build)
    folder=$1
    shift
    pids=
    while [ $# -gt 2 ]; do
      build "$1" "$2" &
      pids="$pids $!"
      shift 2
    done
    build "$1" "$2" || status=$?
    for pid in $pids; do wait "$pid" || status=$?; done
    set -- "$folder"
    ;;
  forget) docker buildx prune -af && docker image prune -af ;;
  version) docker version --format '{{.Server.Version}}' >"$1/version" ;;
  esac >"$1/log.$$" 2>&1 || status=$?
  echo "$status" >&4
done
S
  "$here/buildkit" --data "$work/buildkit/data" sh "$work/buildkit/serve" "$work/buildkit" >"$work/buildkit/daemon.log" 2>&1 </dev/null &
  buildkit_pid=$!
  exec {buildkit_ask}>"$work/buildkit/ask" {buildkit_answer}<"$work/buildkit/answer"
  ask_buildkit version
}

# ask_buildkit NAME [FOLDER IMAGE]…
ask_buildkit() {
  local status
  echo "$*" >&"$buildkit_ask"
  if ! read -r -t 600 -u "$buildkit_answer" status || [ "$status" != 0 ]; then
    cat "$work"/buildkit/log.* "$work/buildkit/daemon.log" >&2
    die "BuildKit failed: $*"
  fi
}

buildkit_version() { echo "BuildKit (Docker $(cat "$work/buildkit/version"))"; }

buildkit_forget() { ask_buildkit forget; }

buildkit_build() {
  local name words=()
  for name in "$@"; do words+=("$work/contexts/$name" "$(image_of buildkit "$name")"); done
  ask_buildkit build "${words[@]}"
}

buildkit_rest() { :; }

buildkit_end() {
  [ -n "${buildkit_pid:-}" ] || return 0
  exec {buildkit_ask}>&-
  wait "$buildkit_pid" || true
  as_root rm -rf "$work/buildkit/data"
}

# --- Buildah: the newest that Debian has, as a user

buildah=$here/${BENCH_BUILDAH:-peer}

buildah_begin() {
  [ -x "$buildah" ] || die "BENCH_BUILDAH is 'peer' or 'buildah', not '$BENCH_BUILDAH'"
  "$buildah" --version >/dev/null
}

buildah_version() { "$buildah" --version | awk '{ print "Buildah " $3 }'; }

buildah_forget() { "$buildah" --forget >/dev/null 2>&1 || true; }

buildah_build() { at_once buildah_build_one "$@"; }

buildah_build_one() {
  local name
  name=$(image_of buildah "$1")
  if ! {
    "$buildah" build --layers --jobs 4 --tls-verify=false --network host -t "$name" "$work/contexts/$1" &&
      "$buildah" push --tls-verify=false "$name"
  } >"$work/buildah.log.$1" 2>&1; then
    cat "$work/buildah.log.$1" >&2
    die "Buildah could not build $1"
  fi
}

buildah_rest() { :; }
