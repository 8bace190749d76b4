# The part of a session that every Linux can do, fed to a Guest's console line by line: files, pipes, processes, signals, arithmetic,
# compression, checksums. Each check prints "ok NAME" or "FAILED NAME"; the test counts them. Some checksums are printed for the host to
# compare with its own. What belongs to one kind of Guest comes after it: ext2.sh, debian.sh.
check() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "FAILED $1: got '$2', wanted '$3'"; fi; }
cd /tmp
check pwd "$(pwd)" /tmp
echo hello > a; check redirect "$(cat a)" hello
echo world >> a; check append "$(wc -l < a)" 2
cp a b; check copy "$(cmp a b && echo same)" same
mv b c; check move "$(ls b c 2>/dev/null)" c
ln -s c d; check symlink "$(readlink d)" c
ln c e; check hardlink "$(stat -c %h e)" 2
chmod 640 c; check chmod "$(stat -c %a c)" 640
mkdir -p x/y/z; touch x/y/z/file; check find "$(find x -type f)" x/y/z/file
rm -r x; check remove "$([ -e x ] || echo gone)" gone
check head "$(seq 1 1000 | head -n 3 | tail -n 1)" 3
check sort "$(printf '%s\n' pear apple fig | sort | tr '\n' ' ')" "apple fig pear "
check uniq "$(printf '%s\n' a a b b b | uniq -c | awk '{print $1 $2}' | tr '\n' ' ')" "2a 3b "
check grep "$(seq 1 100 | grep -c 7)" 19
check sed "$(echo lguest | sed 's/guest/host/')" lhost
check tr "$(echo abc | tr a-c x-z)" xyz
check cut "$(echo a:b:c | cut -d: -f2)" b
check pipe "$(seq 1 10000 | cat | cat | wc -l)" 10000
check od "$(printf 'AB' | od -An -tx1 | tr -d ' ')" 4142
check arithmetic "$((123456789 * 1000 / 7 % 1000003))" "$(echo '123456789 * 1000 / 7 % 1000003' | bc)"
check shift "$(( (1 << 20) ^ 0xff ))" 1048831
check sum "$(seq 1 1000 | awk '{s += $1} END {print s}')" 500500
check bc "$(echo '2 ^ 100' | bc)" 1267650600228229401496703205376
check if "$(if [ 3 -gt 2 ]; then echo yes; else echo no; fi)" yes
check loop "$(i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done; echo $i)" 200
check case "$(case linux in win*) echo w;; lin*) echo l;; esac)" l
check function "$(f() { echo $(( $1 * 2 )); }; f 21)" 42
check subshell "$(v=1; (v=2); echo $v)" 1
check status "$(false; echo $?)" 1
check many_processes "$(i=0; while [ $i -lt 60 ]; do /bin/true && i=$((i + 1)); done; echo $i)" 60
# A shell at a terminal ignores SIGTERM, and so does its child until it has come to say otherwise.
begun() { until grep -q "(sleep)" /proc/$1/stat; do :; done; }
sleep 100 & p=$!; begun $p; check background "$(kill -0 $p && echo alive)" alive
kill $p; wait $p; check terminate $? 143
sleep 100 & p=$!; begun $p; kill -9 $p; wait $p; check kill $? 137
check trap "$(sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo after' | tr '\n' ' ')" "caught after "
sleep 321 & p=$!; check ps "$(ps | awk -v p=$p '$1 == p {print $(NF - 1), $NF}')" "sleep 321"
check proc "$(awk '/^(Name|PPid):/ {print $2}' /proc/$p/status | tr '\n' ' ')" "sleep $$ "
kill $p; wait $p; check reaped "$(ps | awk -v p=$p '$1 == p') $([ -e /proc/$p ] || echo gone)" " gone"
# A busy host may be late by many seconds; a clock that leaps does so by hours.
check timing "$(s=$(date +%s); sleep 1; e=$(date +%s); [ $((e - s)) -ge 1 ] && [ $((e - s)) -le 300 ] && echo right)" right
check segv "$(sh -c 'kill -SEGV $$' 2>/dev/null; echo $?)" 139
seq 1 60000 > numbers; check size "$(stat -c %s numbers)" 348894
echo "HOST md5 seq60000 $(md5sum < numbers | cut -d' ' -f1)"
echo "HOST sha256 seq60000 $(sha256sum < numbers | cut -d' ' -f1)"
echo "HOST sha512 seq60000 $(sha512sum < numbers | cut -d' ' -f1)"
gzip -c numbers > n.gz; check gzip "$(gunzip -c n.gz | md5sum)" "$(md5sum < numbers)"
bzip2 -c numbers > n.bz2; check bzip2 "$(bunzip2 -c n.bz2 | md5sum)" "$(md5sum < numbers)"
check smaller "$([ $(stat -c %s n.gz) -lt 150000 ] && echo smaller)" smaller
tar cf t.tar numbers a c; mkdir u; tar xf t.tar -C u; check tar "$(cmp numbers u/numbers && echo same)" same
dd if=/dev/urandom of=r bs=4096 count=64 2>/dev/null; check random "$(stat -c %s r)" 262144
dd if=/dev/urandom of=q bs=4096 count=64 2>/dev/null; check unpredictable "$(cmp -s r q || echo different)" different
check incompressible "$([ $(gzip -c r | wc -c) -gt 262144 ] && echo larger)" larger
echo "HOST md5 random $(md5sum < r | cut -d' ' -f1)"
