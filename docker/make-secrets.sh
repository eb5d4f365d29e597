#!/bin/sh
# Writes the secrets that docker-compose.yaml mounts into docker/secrets/ (or the folder given): each once, mode 0600.
set -eu
umask 077

folder="${1:-$(dirname "$0")/secrets}"
mkdir -p "$folder"
cd "$folder"

once() {
    # once FILE COMMAND...: the command's output becomes the file, unless the file is there
    file="$1"
    shift
    [ -s "$file" ] || { "$@" > "$file.new" && mv "$file.new" "$file"; }
}

random() {
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'
}

word() {
    head -c 18 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'
}

passwords() {
    printf '{'
    comma=''
    for name in erin amir mia vic admin; do
        printf '%s"%s": "%s"' "$comma" "$name" "$(word)"
        comma=', '
    done
    printf '}\n'
}

once postgres_password word
once redis_password word
once fernet_key random
once api_secret_key random
once jwt_secret random
once signing_key random
once airflow_passwords passwords

[ -s practice_client_key ] || ssh-keygen -q -t ed25519 -N '' -C deployplan -f practice_client_key
[ -s practice_host_key ] || ssh-keygen -q -t ed25519 -N '' -C practice -f practice_host_key
mv -f practice_client_key.pub practice_client_key_pub 2>/dev/null || true
rm -f practice_host_key.pub

host=$(ssh-keygen -y -f practice_host_key | cut -d ' ' -f 1,2)
for node in db-1 web-1 web-2; do
    printf '%s %s\n' "$node" "$host"
done > practice_known_hosts

echo "secrets are in $(pwd); Airflow's passwords are in airflow_passwords" >&2
