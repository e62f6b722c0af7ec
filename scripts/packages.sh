# shellcheck shell=bash
# Which packages of the distribution each job needs, and how they get here. Sourced, never run.

# shellcheck disable=SC2034 # used by ./dev
{
  # To build Slipway and to run it: Maven; the OCI runtime, subordinate ids, the network of RUN, fast deflate.
  service_packages=(maven crun uidmap passt libisal2 openssh-client util-linux procps ca-certificates curl)
  # To make base images and have a registry for them, and to take an image apart.
  fixture_packages=(busybox-static docker-registry jq mmdebstrap openssl skopeo umoci)
  # To compare with another builder and to test every way in.
  test_packages=(apache2-utils buildah git libcap2-bin podman postgresql-client qemu-user-static xz-utils zstd)
  # Docker's own packages are as good, and would have to go if Debian's came.
  [ -e /usr/bin/dockerd ] || test_packages+=(docker.io)
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages NAME…: installs those that are missing. The package lists are refreshed only where they do not suffice.
need_packages() {
  local missing=() held=() name
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get to install them: ${missing[*]}"
  say "Installing ${missing[*]}"
  # Docker would make a bridge and firewall rules as soon as it starts, and leave them behind. A containerd that is here has its users.
  case " ${missing[*]} " in
  *' docker.io '*)
    held=(docker.service docker.socket)
    is_installed containerd || held+=(containerd.service)
    units mask --runtime "${held[@]}"
    ;;
  esac
  apt_install "${missing[@]}" 2>/dev/null || {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    apt_install "${missing[@]}" || die "apt-get could not install ${missing[*]}"
  }
  # Debian starts the registry as a system service and lets Podman and Docker listen as root; Slipway needs none of it.
  case " ${missing[*]} " in
  *' docker-registry '*) units disable --now docker-registry.service ;;
  esac
  case " ${missing[*]} " in
  *' podman '*) units disable --now podman.socket podman.service podman-auto-update.timer podman-restart.service ;;
  esac
  if [ ${#held[@]} -gt 0 ]; then
    units unmask --runtime "${held[@]}"
    units disable --now "${held[@]}"
  fi
}

# units VERB NAME…: where systemd runs.
units() { if [ -d /run/systemd/system ]; then as_root systemctl --quiet "$@"; fi; }

apt_install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
