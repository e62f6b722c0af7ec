# shellcheck shell=bash
# Compiles Slipway and lays out target/dist: what `./dev up` and `./dev build` run. Sourced, never run.

# dist_inputs: one line that changes whenever a source, a POM, a launcher or the JDK does.
dist_inputs() {
  (
    cd "$top" || exit
    echo "$JAVA_HOME"
    find pom.xml openapi.yaml ./*/pom.xml ./*/src/main scripts/dist.sh scripts/train.sh scripts/slipway-* -type f -printf '%p %s %T@\n' | LC_ALL=C sort
  ) | sha256sum
}

# alone COMMAND: runs it when no other ./dev builds in this checkout.
alone() {
  mkdir -p "$top/target"
  (
    flock 9
    "$1"
  ) 9>"$top/target/dist.lock"
}

# ensure_dist: builds target/dist unless it is that of these very sources, and lets the JVM learn from it.
ensure_dist() { alone build_dist; }

# ensure_programs: the same without what only makes the programs start faster: that takes longer than the one start of `--check`, and needs the
# service's user.
ensure_programs() { alone build_programs; }

build_dist() {
  build_programs
  if [ -e "$dist/trained" ]; then return 0; fi
  train_worker
  train_api
  touch "$dist/trained"
}

build_programs() {
  local inputs module
  inputs=$(dist_inputs)
  if [ -e "$dist/stamp" ] && [ "$(cat "$dist/stamp")" = "$inputs" ]; then return 0; fi
  say "Building with Maven (JDK $(jdk_major "$JAVA_HOME") in $JAVA_HOME)"
  (cd "$top" && mvn -B -q -ntp -Dstyle.color=never -pl api,worker -am -DskipTests -Dspotless.check.skip=true \
    package dependency:build-classpath -Dmdep.outputFile=target/classpath -DincludeScope=runtime | sed "s/\x1b\[[0-9;]*m//g")
  rm -rf "$dist"
  mkdir -p "$dist/lib" "$dist/bin"
  for module in api worker; do lay_out "$module"; done
  install -m 755 "$top/scripts/slipway-api" "$top/scripts/slipway-worker" "$dist/bin/"
  chmod -R a+rX "$dist"
  echo "$inputs" >"$dist/stamp"
}

# lay_out MODULE: MODULE's jar and all it needs into lib/, and their order into MODULE.classpath (one name a line).
lay_out() {
  local module=$1 jar own
  own=$(find "$top/$module/target" -maxdepth 1 -name "slipway-$module-*.jar" ! -name '*-tests.jar' | head -n 1)
  [ -n "$own" ] || die "Maven made no jar in $module/target"
  tr ':' '\n' <"$top/$module/target/classpath" | { echo "$own"; cat; } | grep -v '^$' | while read -r jar; do
    # The same file name from two groups would be an accident waiting to happen.
    if [ -e "$dist/lib/$(basename "$jar")" ]; then
      cmp -s "$jar" "$dist/lib/$(basename "$jar")" || die "two different jars are called $(basename "$jar")"
    else
      install -m 644 -p "$jar" "$dist/lib/"
    fi
    basename "$jar"
  done >"$dist/$module.classpath"
}
