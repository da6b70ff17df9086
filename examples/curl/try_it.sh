#!/bin/sh
# Tests against a local Comfy Cloud with a POSIX shell and curl alone: a job and its image, a fault,
# a failed job, the emulated time, and what was sent. Prints a line per check, ends with 1 at the
# first that does not hold.
#
# Needs: pip install "comfy-cloud[cli,emulator]"
set -eu

folder=$(mktemp -d)
# Records of the emulator are kept here, beside none of yours.
export COMFY_CLOUD_STATE_DIR="$folder/state"

clean_up() {
    comfy-cloud emulate stop >"$folder/stop.log" 2>&1 || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# The value of a field in one line of JSON; enough for texts and numbers without commas.
field() {
    sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

check() { # what, expected, found
    if [ "$2" != "$3" ]; then
        echo "not ok: $1: expected $2, found $3" >&2
        exit 1
    fi
    echo "ok: $1"
}

# A request to the API: prints the body, and adds the status in a line of its own.
api() { # method, path, more options of curl
    method=$1 path=$2
    shift 2
    curl -sS -X "$method" -H "X-API-Key: $COMFY_CLOUD_API_KEY" -w '\n%{http_code}\n' "$@" \
        "$COMFY_CLOUD_BASE_URL$path"
}

# A request to the emulator itself, which needs no key on this machine.
control() { # method, path, more options of curl
    method=$1 path=$2
    shift 2
    curl -fsS -X "$method" "$@" "$COMFY_CLOUD_BASE_URL/_emulator$path"
}

submit() {
    api POST /api/prompt -H 'Content-Type: application/json' -d '{"prompt": {
        "1": {"class_type": "EmptyImage",
              "inputs": {"width": 64, "height": 48, "batch_size": 1, "color": 255}},
        "2": {"class_type": "SaveImage",
              "inputs": {"images": ["1", 0], "filename_prefix": "poster"}}
    }}'
}

# Time stands still, so that this program decides how far a job has come.
eval "$(comfy-cloud emulate --detach --shell bash --port 0 --seed-data none 2>"$folder/start.log")"
control POST /reset -d '{"time": "virtual"}' >"$folder/health.json"
check "the emulator is ready" ready "$(field status <"$folder/health.json")"

# A job, from its submission to its image.
id=$(submit | field prompt_id)
check "a job waits first" pending "$(control GET "/jobs/$id" | field status)"
control POST /time -d '{"advance": 60}' >"$folder/time.json"
check "a minute later it is done" completed "$(api GET "/api/jobs/$id" | field status)"
name=$(api GET "/api/jobs/$id" | field filename)
# The API redirects to a signed URL, to which no key may be sent: curl -L would send it there.
signed=$(curl -fsS -o "$folder/none" -w '%{redirect_url}' -H "X-API-Key: $COMFY_CLOUD_API_KEY" \
    "$COMFY_CLOUD_BASE_URL/api/view?filename=$name")
curl -fsS -o "$folder/poster.png" "$signed"
check "its image is a PNG" PNG "$(head -c 4 "$folder/poster.png" | tail -c 3)"
check "no key was sent to the files" '{"leaks":[]}' "$(control GET /leaks)"

# A fault: the service is busy once.
control POST /faults -d '"503 x1 POST /api/prompt retry-after=1"' >"$folder/faults.json"
check "the first attempt is refused" 503 "$(submit | tail -n 1)"
check "the second one is accepted" 200 "$(submit | tail -n 1)"

# A job that fails, without waiting for it.
id=$(submit | field prompt_id)
control POST "/jobs/$id/fail" -d '{"exception_type": "OOMError"}' >"$folder/failed.json"
check "the job has failed" failed "$(api GET "/api/jobs/$id" | field status)"
check "and says why" OOMError "$(api GET "/api/jobs/$id" | field exception_type)"

# What was sent.
sent=$(control GET "/requests?method=POST&path=/api/prompt" | grep -o '"raw_path"' | wc -l)
check "four workflows were sent" 4 "$((sent))"
