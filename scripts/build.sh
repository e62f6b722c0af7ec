# shellcheck shell=bash
# `./dev build`: one worker on a local directory, without a service. Sourced, never run.

# build_directory FROM DIR OPTIONS…: FROM is the folder that relative paths mean. As root, the worker runs as the service's user,
# which sees DIR as /mnt/context; files that it writes are handed over to the caller at the end.
build_directory() {
  local from=$1 context options=() option kind path staging status=0
  shift
  case ${1:-} in
  '' | -*) exec_service slipway-worker build "$@" ;;
  esac
  context=$(cd "$from" && cd "$1" && pwd) || die "there is no folder $1 to build"
  shift
  if ! is_root; then
    cd "$from" || die "cannot enter $from"
    exec_service slipway-worker build "$context" "$@"
  fi
  BINDS=("$context:/mnt/context")
  local targets=() results=()
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
    *)
      options+=("$option")
      continue
      ;;
    esac
    [ "$kind" != "$path" ] || die "an output is KIND:FILE, such as oci:image.tar"
    case $path in /*) ;; *) path=$from/$path ;; esac
    staging=$(mktemp -d "$(dirname "$path")/.slipway-output.XXXXXX")
    chown "$service_account:" "$staging"
    BINDS+=("$staging:/mnt/output-${#results[@]}")
    if [ -n "$kind" ]; then
      options+=(-o "$kind:/mnt/output-${#results[@]}/image")
    else
      options+=(--iidfile "/mnt/output-${#results[@]}/image")
    fi
    targets+=("$path")
    results+=("$staging")
  done
  (exec_service slipway-worker build /mnt/context "${options[@]}") || status=$?
  local index
  for index in "${!results[@]}"; do
    if [ "$status" = 0 ]; then
      chown -R "$(id -u):$(id -g)" "${results[$index]}/image"
      mv -T -f "${results[$index]}/image" "${targets[$index]}"
    fi
    rm -rf "${results[$index]}"
  done
  return "$status"
}
