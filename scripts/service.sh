# shellcheck shell=bash
# Becomes the service's user with the built service and its data in reach. Sourced, never run.

# Where things are for the service when root starts it: the checkout and SLIPWAY_HOME may lie where only root can look.
seen_dist=/opt/slipway
seen_home=/var/lib/slipway

# prepare_home: makes SLIPWAY_HOME, absolute and owned by the service's user.
prepare_home() {
  export SLIPWAY_HOME=${SLIPWAY_HOME:-$top/.slipway}
  [ -d "$SLIPWAY_HOME" ] || install -d -m 700 "$SLIPWAY_HOME"
  SLIPWAY_HOME=$(cd "$SLIPWAY_HOME" && pwd)
  if is_root && [ "$(stat -c %U "$SLIPWAY_HOME")" != "$service_account" ]; then
    chown -R "$service_account:$service_account" "$SLIPWAY_HOME"
  fi
}

# exec_service PROGRAM ARGS…: becomes dist/bin/PROGRAM. As root: in a mount namespace of its own, so that the mounts end with
# the process, and as the service's user. The process id stays the caller's, so that a signal to it reaches the service.
# BINDS, an array of "FROM:TO" pairs, adds folders to the view; TO lies below /mnt, which is empty in there.
exec_service() {
  local program=$1
  shift
  if ! is_root; then
    exec env SLIPWAY_DIST="$dist" "$dist/bin/$program" "$@"
  fi
  # shellcheck disable=SC2016 # expanded by the inner shell
  exec env -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME HOME="$seen_home" USER="$service_account" \
    unshare --mount --propagation private -- bash -euc '
      dist=$1 home=$2 seen_dist=$3 seen_home=$4 account=$5 binds=$6
      shift 6
      bind_read_only() { mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }
      bind_read_only "$dist" "$seen_dist"
      mount --bind "$home" "$seen_home"
      # Opened before /mnt is covered, since they may lie there.
      folders=() places=()
      while read -r bind; do
        [ -n "$bind" ] || continue
        exec {folder}<"${bind%:*}"
        folders+=("$folder") places+=("${bind##*:}")
      done <<<"$binds"
      exec {java}<"$JAVA_HOME"
      mount -t tmpfs -o mode=755 tmpfs /mnt
      if ! setpriv --reuid "$account" --regid "$account" --init-groups test -x "$JAVA_HOME/bin/java"; then
        mkdir /mnt/jdk
        mount --no-canonicalize --bind "/proc/self/fd/$java" /mnt/jdk
        mount -o remount,bind,ro /mnt/jdk
        JAVA_HOME=/mnt/jdk
      fi
      for index in "${!folders[@]}"; do
        mkdir -p "${places[$index]}"
        mount --no-canonicalize --bind "/proc/self/fd/${folders[$index]}" "${places[$index]}"
        folder=${folders[$index]}
        exec {folder}<&-
      done
      exec {java}<&-
      cd "$seen_home"
      export JAVA_HOME SLIPWAY_HOME=$seen_home SLIPWAY_DIST=$seen_dist
      exec setpriv --reuid "$account" --regid "$account" --init-groups --inh-caps=-all -- "$@"
    ' slipway "$dist" "$SLIPWAY_HOME" "$seen_dist" "$seen_home" "$service_account" "$(printf '%s\n' "${BINDS[@]:-}")" \
    "$seen_dist/bin/$program" "$@"
}
