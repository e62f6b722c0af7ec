# shellcheck shell=bash
# The package archive of this machine, for what makes root folders of the distribution's packages. Sourced, never run.

# machine_mirror: the archive that this machine installs from: the first one that has bookworm's main section.
machine_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)' 2>/dev/null |
    awk '$2 == "bookworm" && $3 == "main" && $4 == "Packages" { sub("/$", "", $1); print $1; exit }')
  [ -n "$mirror" ] || die "apt on this machine is not configured for Debian bookworm, so there is no mirror to make base images from"
  echo "$mirror"
}

# machine_apt_options: what this machine's apt was told about reaching its mirror, as options of mmdebstrap, one a line.
machine_apt_options() {
  apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date|https?::[Pp]roxy) ' | sed 's/^/--aptopt=/; s/;$//' || true
}
