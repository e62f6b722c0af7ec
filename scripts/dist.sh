# shellcheck shell=bash
# Compiles Slipway and lays out target/dist: what `./dev up` and `./dev build` run. Sourced, never run.

# dist_inputs: one line that changes whenever a source, a POM, a launcher or the JDK does.
dist_inputs() {
  (
    cd "$top" || exit
    echo "$JAVA_HOME"
    find pom.xml ./*/pom.xml ./*/src/main scripts/dist.sh scripts/slipway-* -type f -printf '%p %s %T@\n' | LC_ALL=C sort
  ) | sha256sum
}

# ensure_dist: builds target/dist unless it is that of these very sources.
ensure_dist() {
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
  train_worker
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

# train_worker: lets the JVM learn from one real build what to keep ready (JEP 483). Slipway works without it too, slower.
train_worker() {
  local work status=0
  say "Training the worker's ahead-of-time cache with a small build"
  work=$(mktemp -d /tmp/slipway-training.XXXXXX)
  training_context "$work/context"
  mkdir "$work/home" "$work/out"
  if is_root; then chown -R "$service_account:" "$work"; fi
  (
    export SLIPWAY_HOME=$work/home SLIPWAY_JAVA_OPTIONS=-XX:AOTCacheOutput=$work/out/worker.aot
    build_directory / "$work/context" -o "oci:$work/out/image.tar"
  ) >"$dist/worker.aot.log" 2>&1 || status=$?
  if [ "$status" = 0 ] && [ -s "$work/out/worker.aot" ]; then
    install -m 644 "$work/out/worker.aot" "$dist/worker.aot"
  else
    say "Note: no ahead-of-time cache for the worker (exit $status), it will start more slowly; $dist/worker.aot.log says why"
  fi
  as_service_user unshare --user --map-root-user --map-auto rm -rf "$work/home" || true
  rm -rf "$work"
}

# training_context FOLDER: a Dockerfile that copies this machine's shell into an empty image and runs it.
training_context() {
  local folder=$1 shell library
  shell=$(readlink -f /bin/sh)
  mkdir -p "$folder/root/bin"
  cp "$shell" "$folder/root/bin/sh"
  ldd "$shell" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$library" "$folder/root$library"
  done
  printf 'FROM scratch\nCOPY root/ /\nENV A=b\nRUN echo ready >/ready\nCMD ["sh"]\n' >"$folder/Dockerfile"
}
