# shellcheck shell=bash
# Finds a JDK of at least version 25, or installs the distribution's. Sourced, never run.

# jdk_major DIR: prints the major version of the JDK in DIR; fails where there is none (a JRE has no javac).
jdk_major() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# find_jdk: prints the folder of the first JDK that is new enough: JAVA_HOME, PATH, then the usual folders.
find_jdk() {
  local candidate major javac
  javac=$(command -v javac || true)
  for candidate in "${JAVA_HOME:-}" "${javac:+$(dirname "$(dirname "$(readlink -f "$javac")")")}" \
    /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    [ -n "$candidate" ] || continue
    major=$(jdk_major "$candidate") || continue
    if [ "${major:-0}" -ge 25 ]; then
      readlink -f "$candidate"
      return
    fi
  done
  return 1
}

# ensure_jdk: sets and exports JAVA_HOME.
ensure_jdk() {
  if ! JAVA_HOME=$(find_jdk); then
    if apt-cache policy openjdk-25-jdk-headless 2>/dev/null | grep -q 'Candidate: [0-9]'; then
      need_packages openjdk-25-jdk-headless
    fi
    JAVA_HOME=$(find_jdk) || die "no JDK 25 or newer in JAVA_HOME, PATH or /usr/lib/jvm, and this distribution has no openjdk-25-jdk-headless.
  Install one (Eclipse Temurin 25, for example) and set JAVA_HOME to its folder."
  fi
  export JAVA_HOME
}
