# shellcheck shell=bash
# Lets the JVM learn, once the service is built, what its two programs need: docs/decisions/0007-worker-start.md. Sourced, never run.

# Without the method profiles of JEP 515: a JVM that has them compiles at once, with the optimising compiler, all that was hot in the training,
# which takes a short build more than it gains.
without_profiles="-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining"

# train_worker: lets the JVM learn from a few real builds what to keep ready (JEP 483). Slipway works without it too, slower.
train_worker() {
  local work seen status=0
  say "Training the worker's ahead-of-time cache with a few small builds"
  work=$(mktemp -d /tmp/slipway-training.XXXXXX)
  training_root "$work/context/root"
  prepare_training
  (
    export SLIPWAY_HOME=$work/home SLIPWAY_JAVA_OPTIONS="-XX:AOTCacheOutput=$seen/worker.aot $without_profiles"
    BINDS=("$work:$seen")
    exec_service slipway-worker train "$seen"
  ) >"$dist/worker.aot.log" 2>&1 || status=$?
  finish_training worker
}

# train_api: the same for the service: it starts, is asked for a few small builds and all that one asks about a build, and stops.
train_api() {
  local work seen status=0 port pid
  say "Training the service's ahead-of-time cache with a few small builds"
  work=$(mktemp -d /tmp/slipway-training.XXXXXX)
  prepare_training
  port=$(free_port)
  (
    export SLIPWAY_HOME=$work/home SLIPWAY_PORT=$port SLIPWAY_JAVA_OPTIONS=-XX:AOTCacheOutput=$seen/api.aot
    BINDS=("$work:$seen")
    exec_service slipway-api --server.address=127.0.0.1
  ) >"$dist/api.aot.log" 2>&1 </dev/null &
  pid=$!
  use_service "http://127.0.0.1:$port" >>"$dist/api.aot.log" 2>&1 || status=$?
  train_client "http://127.0.0.1:$port" >"$dist/client.aot.log" 2>&1 || true
  if [ -s "$work/client.aot" ]; then install -m 644 "$work/client.aot" "$dist/client.aot"; fi
  kill -TERM "$pid" 2>/dev/null || true
  # The JVM writes its cache after the service has stopped, which takes longer than the stop itself.
  wait "$pid" 2>/dev/null || true
  finish_training api
}

# use_service URL: waits for the service and goes once through what its users do.
use_service() (
  set -euo pipefail
  url=$1
  for _ in $(seq 600); do
    if grep -q 'Slipway is ready at' "$dist/api.aot.log"; then break; fi
    kill -0 "$pid" || exit 1
    sleep 0.1
  done
  token=$(cat "$work/home/admin-token")
  ask() { curl -fsS -o /dev/null -H "Authorization: Bearer $token" "$@"; }
  mkdir "$work/context"
  printf 'FROM scratch\nLABEL number=0\nCOPY . /\nCMD ["/x"]\n' >"$work/context/Dockerfile"
  for number in 1 2 3 4 5 6; do
    sed -i "s/number=.*/number=$number/" "$work/context/Dockerfile"
    build=$(tar -C "$work/context" -c . | curl -fsS -H "Authorization: Bearer $token" -H 'Content-Type: application/x-tar' \
      --data-binary @- "$url/v1/builds?label=training=$number")
    id=$(grep -o '"id" *: *"[^"]*"' <<<"$build" | head -n 1 | cut -d '"' -f 4)
    ask "$url/v1/builds/$id/logs?follow=true"
    ask -H 'Accept: text/event-stream' "$url/v1/builds/$id/logs"
    ask -H 'Accept: application/x-ndjson' "$url/v1/builds/$id/logs"
    ask "$url/v1/builds/$id?wait=30s"
    ask "$url/v1/builds/$id/image"
    ask "$url/v1/builds"
    ask "$url/actuator/health"
    ask "$url/actuator/prometheus"
  done
  curl -sS -o /dev/null "$url/v1/builds"
  curl -sS -o /dev/null -H "Authorization: Bearer $token" "$url/v1/builds/none" "$url/v2/"
)

# train_client URL: the same for `./dev build --server`, which has the service build the folder of use_service.
train_client() (
  SLIPWAY_TOKEN=$(cat "$work/home/admin-token")
  export SLIPWAY_TOKEN SLIPWAY_HOME=$work/home XDG_CACHE_HOME=$work/cache SLIPWAY_JAVA_OPTIONS="-XX:AOTCacheOutput=$seen/client.aot $without_profiles"
  BINDS=("$work:$seen")
  exec_service slipway-worker --bare build "$seen/context" --server "$1"
)

# prepare_training: makes $work the service's, and sets `seen` to where the service sees it.
prepare_training() {
  mkdir "$work/home"
  seen=$work
  if is_root; then
    chown -R "$service_account:" "$work"
    seen=/mnt/training
  fi
}

# finish_training NAME: keeps NAME.aot if it was made, and removes $work.
finish_training() {
  if [ "$status" = 0 ] && [ -s "$work/$1.aot" ]; then
    install -m 644 "$work/$1.aot" "$dist/$1.aot"
  else
    say "Note: no ahead-of-time cache for slipway-$1 (exit $status), it will start more slowly; $dist/$1.aot.log says why"
  fi
  # Some of it belongs to subordinate ids.
  as_service_user unshare --user --map-root-user --map-auto find "$work" -mindepth 1 -delete 2>/dev/null || true
  rm -rf "$work"
}

# training_root FOLDER: this machine's shell and what it is linked to, as the root of an image.
training_root() {
  local root=$1 shell library
  shell=$(readlink -f /bin/sh)
  mkdir -p "$root/bin"
  cp "$shell" "$root/bin/sh"
  ldd "$shell" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$library" "$root$library"
  done
}
