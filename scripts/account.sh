# shellcheck shell=bash
# The user that the service runs as, and what the kernel has to allow that user. Sourced, never run.

# ensure_account: makes the system user (as root only) and sees that its user has subordinate ids and network devices.
ensure_account() {
  local user
  user=$(service_user)
  if is_root && ! id "$service_account" >/dev/null 2>&1; then
    say "Creating the system user '$service_account' that the service runs as"
    useradd --system --user-group --home-dir /var/lib/slipway --no-create-home --shell /usr/sbin/nologin "$service_account"
  fi
  ensure_subordinate_ids "$user"
  ensure_tun
  if is_root; then install -d -m 755 /opt/slipway /var/lib/slipway; fi
  as_service_user unshare --user --map-root-user --map-auto --mount --pid --fork --kill-child --mount-proc true ||
    die "'$user' cannot make user namespaces on this machine. Look at /etc/subuid, /etc/subgid,
  /proc/sys/user/max_user_namespaces and, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns."
}

# ensure_subordinate_ids USER: 65536 user and group ids for USER's namespaces, after all ranges that are given away already.
ensure_subordinate_ids() {
  local user=$1 kind file start
  for kind in uid gid; do
    file=/etc/sub$kind
    if grep -qsE "^($user|$(id -u "$user")):" "$file"; then continue; fi
    start=$(awk -F: 'BEGIN { next_id = 100000 } $2 + $3 > next_id { next_id = $2 + $3 } END { print next_id }' "$file" 2>/dev/null) || start=100000
    say "Giving '$user' the subordinate ${kind}s $start-$((start + 65535)) ($file)"
    [ -e "$file" ] || as_root touch "$file"
    as_root usermod "--add-sub${kind}s" "$start-$((start + 65535))" "$user"
  done
}

# ensure_tun: pasta, which gives RUN its network, opens /dev/net/tun as an ordinary user. It is harmless: mode 0666 is the usual one.
ensure_tun() {
  if [ ! -c /dev/net/tun ]; then
    say "Note: there is no /dev/net/tun; RUN will have no network"
  elif [ "$(($(stat -c '0%a' /dev/net/tun) & 6))" != 6 ]; then
    say "Opening /dev/net/tun to ordinary users (chmod 666)"
    as_root chmod 666 /dev/net/tun
  fi
}

# as_service_user CMD…: runs CMD as the service's user: what root must not do itself.
as_service_user() {
  if is_root; then
    (cd / && env -u XDG_RUNTIME_DIR HOME=/var/lib/slipway USER="$service_account" \
      setpriv --reuid "$service_account" --regid "$service_account" --init-groups --inh-caps=-all -- "$@")
  else
    "$@"
  fi
}
