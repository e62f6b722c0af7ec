# shellcheck shell=bash
# `./dev build`: one worker on a local directory, without a service. Sourced, never run.

# builds_nothing_here ARGS…: whether `./dev build` was asked to check only, or to have a service build.
builds_nothing_here() {
  local argument
  for argument in "$@"; do
    case $argument in
    --check | --server | --server=*) return 0 ;;
    esac
  done
  return 1
}

# hand_over_arguments ARGS…: exports what the environment has of each `--build-arg NAME` as SLIPWAY_BUILD_ARG_NAME: on the way to the worker
# some variables (HOME, USER, LANG) become others.
hand_over_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
    --build-arg) hand_over_argument "${2:-}" ;;
    --build-arg=*) hand_over_argument "${1#*=}" ;;
    esac
    shift
  done
}

# hand_over_argument NAME: the same for one. No other variables than those with such names reach a shell script.
hand_over_argument() {
  if [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] && printenv "$1" >/dev/null; then
    export "SLIPWAY_BUILD_ARG_$1=${!1}"
  fi
}

# build_nothing_here FROM ARGS…: `./dev build` with --check or --server. It reads the caller's files, prints, and perhaps sends them, so it
# runs as the caller, without namespaces, home or service account.
build_nothing_here() {
  cd "$1" || die "cannot enter $1"
  shift
  # The cache of classes knows the jars by where the service's user sees them.
  if is_root && [ -e "$dist/client.aot" ] && [ -d "$seen_dist" ] && unshare --mount true 2>/dev/null; then
    # shellcheck disable=SC2016 # expanded by the inner shell
    exec unshare --mount --propagation private -- sh -euc '
      mount --bind "$1" "$2"
      dist=$2
      shift 2
      exec "$dist/bin/slipway-worker" --bare build "$@"
    ' sh "$dist" "$seen_dist" "$@"
  fi
  ! is_root || export SLIPWAY_JAVA_OPTIONS="${SLIPWAY_JAVA_OPTIONS:-} -XX:AOTMode=off"
  exec "$dist/bin/slipway-worker" --bare build "$@"
}

# build_directory FROM DIR OPTIONS…: FROM is the folder that relative paths mean. As root, the worker runs as the service's user,
# which sees DIR as /mnt/context; files that it writes are handed over to the caller at the end, and confidential ones that it reads are
# lent to it in memory.
build_directory() {
  local from=$1 context options=() option kind path staging status=0 lent=''
  shift
  case ${1:-} in
  '' | -*) exec_service slipway-worker build "$@" ;;
  esac
  context=$(cd "$from" && cd "$1" 2>/dev/null && pwd) || die "there is no folder $1 to build"
  shift
  if ! is_root; then
    cd "$from" || die "cannot enter $from"
    exec_service slipway-worker build "$context" "$@"
  fi
  BINDS=("$context:/mnt/context")
  local targets=() results=() folders=0 staged=()
  while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
    -o | --output)
      [ $# -gt 0 ] || die "$option needs KIND:FILE"
      kind=${1%%:*} path=${1#*:}
      shift
      ;;
    --output=*) option=${option#*=} kind=${option%%:*} path=${option#*:} ;;
    --iidfile)
      [ $# -gt 0 ] || die "$option needs FILE"
      kind='' path=$1
      shift
      ;;
    --iidfile=*) kind='' path=${option#*=} ;;
    --secret | --ssh | --registry-config | --ca-file)
      [ $# -gt 0 ] || die "$option needs a value"
      lend_option "$from" "$option=$1"
      shift
      continue
      ;;
    --secret=* | --ssh=* | --registry-config=* | --ca-file=*)
      lend_option "$from" "$option"
      continue
      ;;
    --build-context)
      [ $# -gt 0 ] || die "$option needs NAME=VALUE"
      bind_context "$from" "$1"
      shift
      continue
      ;;
    --build-context=*)
      bind_context "$from" "${option#*=}"
      continue
      ;;
    --cache-from | --cache-to)
      [ $# -gt 0 ] || die "$option needs a value"
      bind_cache "$from" "$option" "$1"
      shift
      continue
      ;;
    --cache-from=* | --cache-to=*)
      bind_cache "$from" "${option%%=*}" "${option#*=}"
      continue
      ;;
    -f | --file)
      [ $# -gt 0 ] || die "$option needs a file"
      lend_dockerfile "$from" "$context" "$1"
      shift
      continue
      ;;
    --file=*)
      lend_dockerfile "$from" "$context" "${option#*=}"
      continue
      ;;
    *)
      options+=("$option")
      continue
      ;;
    esac
    [ "$kind" != "$path" ] || die "an output is KIND:FILE, such as oci:image.tar"
    case $path in /*) ;; *) path=$from/$path ;; esac
    staging=$(mktemp -d "$(dirname "$path")/.slipway-output.XXXXXX" 2>/dev/null) ||
      die "there is no folder $(dirname "$path") that could be written to"
    chown "$service_account:" "$staging"
    BINDS+=("$staging:/mnt/output-${#results[@]}")
    case $kind in
    '' | oci | docker | rootfs) ;;
    *) die "an output is oci:FILE, docker:FILE or rootfs:FILE, not $kind:$path" ;;
    esac
    if [ -n "$kind" ]; then
      options+=(-o "$kind:/mnt/output-${#results[@]}/image")
    else
      options+=(--iidfile "/mnt/output-${#results[@]}/image")
    fi
    targets+=("$path")
    results+=("$staging")
  done
  (exec_service slipway-worker build /mnt/context "${options[@]}") || status=$?
  [ -z "$lent" ] || rm -rf "$lent"
  local index
  for index in "${!results[@]}"; do
    if [ "$status" = 0 ]; then
      chown -R "$(id -u):$(id -g)" "${results[$index]}/image"
      mv -T -f "${results[$index]}/image" "${targets[$index]}"
    fi
    rm -rf "${results[$index]}"
  done
  local one blob
  for one in "${staged[@]}"; do
    staging=${one#* } path=${staging%/*}
    if [ "${one%% *}" = --cache-to ] && [ "$status" = 0 ] && [ -e "$staging/index.json" ]; then
      chown -R "$(id -u):$(id -g)" "$staging"
      # The service's user reads them the next time, whatever this one's umask.
      chmod -R a+rX "$staging"
      mkdir -p "$path/blobs/sha256"
      for blob in "$staging"/blobs/sha256/*; do
        [ "$blob" -ef "$path/blobs/sha256/${blob##*/}" ] || mv -f -t "$path/blobs/sha256" "$blob"
      done
      mv -f -t "$path" "$staging/oci-layout"
      mv -f -t "$path" "$staging/index.json"
    fi
    rm -rf "$staging"
  done
  return "$status"
}

# bind_cache FROM OPTION VALUE: adds the option to `options`; a directory that it names becomes /mnt/cache-N where the service's user can't
# read it. One that is written to is made in the caller's, from what is there, and handed over when the build has succeeded. Uses the
# variables of build_directory.
bind_cache() {
  local from=$1 option=$2 value=$3 key folder written seen
  key=$(grep -oE '(^|,)(src|dest)=' <<<"$value" | tail -n 1) || key=''
  if [ -z "$key" ] || ! grep -qE '(^|,)type=local(,|$)' <<<"$value"; then
    options+=("$option" "$value")
    return
  fi
  key=${key#,}
  written=${value#*"$key"}
  written=${written%%,*}
  folder=$written
  case $folder in /*) ;; *) folder=$from/$folder ;; esac
  [ "$option" = --cache-from ] || mkdir -p "$folder" || die "$option $value: the directory can't be made"
  seen=$folder
  case $folder in /mnt | /mnt/*) seen=/mnt/cache-$folders ;; esac
  if [ -d "$folder" ] && ! setpriv --reuid "$service_account" --regid "$service_account" --init-groups test -r "$folder"; then
    seen=/mnt/cache-$folders
  fi
  if [ "$option" = --cache-to ] || { [ "$seen" != "$folder" ] && [ -d "$folder" ]; }; then
    stage_cache "$option" "$folder" "$seen"
  fi
  options+=("$option" "${value/"$key$written"/"$key$seen"}")
  folders=$((folders + 1))
}

# stage_cache OPTION FOLDER SEEN: makes what the worker sees as SEEN instead of FOLDER: links to the same files in directories of its own. It
# replaces files, and never writes to one.
stage_cache() {
  local staging
  # What a build left that was killed.
  find "$2" -maxdepth 1 -name '.slipway-cache.*' -mmin +1440 -exec rm -rf {} +
  staging=$(mktemp -d "$2/.slipway-cache.XXXXXX") || die "the cache $2 can't be written to"
  staged+=("$1 $staging")
  if [ -e "$2/index.json" ]; then
    cp -al -t "$staging" "$2/blobs" "$2/oci-layout" "$2/index.json"
  fi
  find "$staging" -type d -exec chown "$service_account:" {} +
  BINDS+=("$staging:$3")
}

# bind_context FROM NAME=VALUE: adds --build-context to `options`; a folder that it names becomes /mnt/context-N. Uses the variables of
# build_directory.
bind_context() {
  local from=$1 name=${2%%=*} value=${2#*=} before='' after='' folder
  case $value in
  oci-layout://*)
    before=oci-layout:// folder=${value#oci-layout://}
    case $folder in
    *@sha256:*) after=@${folder##*@} folder=${folder%@*} ;;
    *:*) after=:${folder##*:} folder=${folder%:*} ;;
    esac
    ;;
  *://* | *@*:*) folder='' ;;
  *) folder=$value ;;
  esac
  if [ -z "$folder" ] || [ "$name" = "$2" ]; then
    options+=(--build-context "$2")
    return
  fi
  folder=$(cd "$from" && cd "$folder" 2>/dev/null && pwd) ||
    die "--build-context $2: there is no such directory"
  BINDS+=("$folder:/mnt/context-$folders")
  options+=(--build-context "$name=$before/mnt/context-$folders$after")
  folders=$((folders + 1))
}

# lend_dockerfile FROM CONTEXT FILE: adds --file to `options`. A Dockerfile that is not in the context is lent, with its ignore file. Uses the
# variables of build_directory.
lend_dockerfile() {
  local from=$1 context=$2 file=$3 copy
  if [ "$file" = - ]; then
    options+=(--file -)
    return
  fi
  [ "${file#/}" != "$file" ] || [ ! -f "$context/$file" ] || file=$context/$file
  file=$(cd "$from" && realpath -s -m -- "$file")
  case $file in
  "$context"/*)
    options+=(--file "${file#"$context"/}")
    return
    ;;
  esac
  [ -f "$file" ] || die "there is no $3 in the build context; name it with --file"
  make_lent
  copy=$(mktemp -d "$lent/XXXXXX")
  chown "$service_account:" "$copy"
  install -m 400 -o "$service_account" "$file" "$copy/${file##*/}"
  [ ! -f "$file.dockerignore" ] ||
    install -m 400 -o "$service_account" "$file.dockerignore" "$copy/${file##*/}.dockerignore"
  options+=(--file "/mnt/lent/${copy##*/}/${file##*/}")
}

# make_lent: the folder in memory for files that the service's user, and only it, can read.
make_lent() {
  [ -z "$lent" ] || return 0
  lent=$(mktemp -d /dev/shm/slipway-lent.XXXXXX)
  chown "$service_account:" "$lent"
  BINDS+=("$lent:/mnt/lent")
  # shellcheck disable=SC2064 # its name now: the variable is gone by then
  trap "rm -rf '$lent'" EXIT
}

# lend_option FROM OPTION=VALUE: adds the option to `options`; a file that it names is copied to where the service's user, and only it, can
# read it. Uses the variables of build_directory.
lend_option() {
  local from=$1 option=${2%%=*} value=${2#*=} file before='' copy
  case $option=$value in
  --secret=*src=* | --secret=*source=*)
    file=${value##*src=}
    [ "$file" != "$value" ] || file=${value##*source=}
    file=${file%%,*}
    before=${value/src=$file/src=@}
    before=${before/source=$file/src=@}
    ;;
  --ssh=*=*) file=${value#*=} before=${value%%=*}=@ ;;
  --ssh=*) die "as root, --ssh needs a key: --ssh $value=KEY (root's agent serves nobody but root)" ;;
  --registry-config=* | --ca-file=*) file=$value before=@ ;;
  *)
    options+=("$2")
    return
    ;;
  esac
  case $file in /*) ;; *) file=$from/$file ;; esac
  [ -r "$file" ] || die "$option: there is no file $file that could be read"
  make_lent
  copy=$(mktemp "$lent/XXXXXX")
  install -m 400 -o "$service_account" "$file" "$copy"
  options+=("$option=${before/@//mnt/lent/${copy##*/}}")
}
