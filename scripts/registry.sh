# shellcheck shell=bash
# A Docker registry (Debian's docker-registry) on loopback for demo, tests and bench. Sourced, never run.

# start_registry FOLDER PORT: serves FOLDER/data on 127.0.0.1:PORT and sets registry_pid. The caller ends that process.
start_registry() {
  local folder=$1 port=$2
  mkdir -p "$folder/data"
  cat >"$folder/config-$port.yml" <<Y
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: $folder/data}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$port"}
Y
  docker-registry serve "$folder/config-$port.yml" >"$folder/log-$port" 2>&1 </dev/null &
  registry_pid=$!
  for _ in $(seq 200); do
    if curl -fsS -o /dev/null "http://127.0.0.1:$port/v2/" 2>/dev/null; then return 0; fi
    kill -0 "$registry_pid" 2>/dev/null || break
    sleep 0.05
  done
  cat "$folder/log-$port" >&2
  die "the registry did not start on port $port"
}
