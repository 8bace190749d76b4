#!/bin/sh
# One target for some minutes: publishes the harness, instruments what it tests, lets AFL++ invent inputs, and replays what made it throw.
# Needs AFL++ (apt-get install afl++) and the tools of the repository (dotnet tool restore).
set -eu

target=${1?usage: run.sh TARGET MINUTES [FOLDER]}
minutes=${2?usage: run.sh TARGET MINUTES [FOLDER]}
here=$(cd "$(dirname "$0")" && pwd)
folder=${3-$(mktemp -d)}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
command -v afl-fuzz >/dev/null 2>&1 || { echo "run.sh: afl-fuzz is missing; install it (Debian, Ubuntu: apt-get install afl++)" >&2; exit 2; }

dotnet publish "$here" -c Release -o "$folder/program" -v q -nologo
dotnet "$folder/program/lguest-fuzz.dll" seeds "$target" "$folder/$target/seeds"

# What is instrumented counts in memory that only AFL++ and the harness's own runs provide, so the seeds were made before.
for assembly in "$folder/program"/Lguest.*.dll; do
    (cd "$here" && dotnet sharpfuzz "$assembly") || echo "run.sh: ${assembly##*/} is not instrumented" >&2
done

# What AFL++ would like of the machine (core patterns, governors) is not needed here: exceptions of .NET are seen by SharpFuzz itself.
AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
    afl-fuzz -i "$folder/$target/seeds" -o "$folder/$target/found" -t 10000 -m none -V "$((minutes * 60))" \
    dotnet "$folder/program/lguest-fuzz.dll" "$target" >"$folder/$target/afl.log" 2>&1 || { tail -n 20 "$folder/$target/afl.log" >&2; exit 1; }

grep -E '^(run_time|execs_done|corpus_count|edges_found|saved_crashes|saved_hangs)' "$folder/$target/found/default/fuzzer_stats"
status=0
for crash in "$folder/$target/found/default/crashes"/id:*; do
    [ -f "$crash" ] || continue
    status=1
    echo "$crash"
    dotnet "$folder/program/lguest-fuzz.dll" "$target" <"$crash" 2>&1 | head -n 3 || true
done
exit $status
