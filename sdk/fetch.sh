# SPDX-License-Identifier: MIT
# Downloads pinned files into SDK_CACHE, in parallel and resumed, each verified against its SHA-256. Sourced by sdk.sh.

# Where packages come from: SDK_MIRROR (one or more, tried in order), else what this machine's apt is configured with.
mirrors() {
	if [ -n "${SDK_MIRROR:-}" ]; then
		for m in $SDK_MIRROR; do echo "${m%/}"; done
	elif command -v apt-get >/dev/null && grep -qs '^ID=debian' /etc/os-release; then
		apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
			awk '$2 !~ /security/ && !seen[$1]++ { print $1 }' | while read -r uri; do
			case $uri in
			mirror+file:*) list=${uri#mirror+file:} && awk '/^http/ { print $1 }' "${list%/}" ;;
			http:* | https:* | file:*) echo "$uri" ;;
			esac
		done | sed 's|/$||' | awk '/\/debian$/ { print; next } { other = other $0 "\n" } END { printf "%s", other }'
	fi
}

# apt_helper RETRIES URI FILE [URI FILE]...
apt_helper() {
	retries=$1
	shift
	/usr/lib/apt/apt-helper -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries="$retries" -o Acquire::http::Timeout=20 download-file "$@"
}
have_apt_helper() { [ -x /usr/lib/apt/apt-helper ] && [ -z "${SDK_NO_APT:-}" ]; }

# get URI FILE: downloads, resuming FILE if it is there. Status 0 done, 1 trouble, 44 the mirror hasn't got it.
get() {
	case $1 in
	file:*)
		[ -f "${1#file://}" ] || return 44
		cp "${1#file://}" "$2" 2>"$2.err"
		return
		;;
	esac
	if have_apt_helper; then
		apt_helper 2 "$1" "$2" >"$2.err" 2>&1 && return
		grep -Eq '(404|410) ' "$2.err" && return 44
	elif command -v curl >/dev/null; then
		curl -fsSL --retry 2 --connect-timeout 20 --speed-time 30 --speed-limit 1000 -C - -o "$2" "$1" 2>"$2.err" && return
		grep -Eq 'error: (404|410)' "$2.err" && return 44
		grep -q 'error: 416' "$2.err" && return 0 # nothing left to resume
	elif command -v wget >/dev/null; then
		wget -nv -c -t 3 -T 20 --server-response -O "$2" "$1" 2>"$2.err" && return
		grep -Eq 'HTTP/[0-9.]+ (404|410)' "$2.err" && return 44
		grep -Eq 'HTTP/[0-9.]+ 416' "$2.err" && return 0
	else
		echo "neither apt-helper, curl nor wget is installed" >"$2.err"
	fi
	return 1
}

# The line of a downloader's messages that says what went wrong.
get_error() {
	awk '/No space left/ { print; exit } /^E: Failed|^curl:|^wget:|failed:/ { sub("^E: ", ""); line = $0 } /./ { last = $0 }
		END { print line ? line : last ? last : "no answer" }' "$1" | head -n 1
}

is_sha256() { # FILE HASH
	[ -f "$1" ] && [ "$(sha256sum <"$1" | cut -c1-64)" = "$2" ]
}

# fetch_batch HASH...: run by xargs, several at once. Small files share one connection; what that doesn't bring is
# fetched by itself, which finds out why.
fetch_batch() {
	net_is_up || return 0
	if [ $# -gt 1 ] && have_apt_helper; then
		batch=$(echo "$*" | tr ' ' '\n' | awk -v cache="$SDK_CACHE" -v mirror="$(head -n 1 "$PART/mirrors")" '
			NR == FNR { want[$1]; next }
			$5 in want && !done[$5]++ { f = $7; sub(".*/", "", f); print mirror "/" $7, cache "/" f ".part" }' - "$PART/fetch.rows")
		case $batch in http*) apt_helper 0 $batch >/dev/null 2>&1 || : ;; esac
	fi
	for hash; do fetch_one "$hash"; done
}

# After a few failures the rest isn't tried: without a network each would wait for its own timeouts.
net_is_up() { [ "$(grep -c '^net' "$PART/fetch.log")" -lt 3 ]; }

# fetch_one HASH: reports one line in $PART/fetch.log: ok|gone|hash|net NAME SIZE MESSAGE
fetch_one() {
	read -r _ _ name _ hash size path <<-EOF
		$(awk -v h="$1" '$5 == h { print; exit }' "$PART/fetch.rows")
	EOF
	file=$SDK_CACHE/${path##*/}
	report() { echo "$1 $name $size ${2:-}" >>"$PART/fetch.log"; }
	accept() {
		is_sha256 "$file.part" "$hash" || return
		rm -f "$file.part.err"
		mv "$file.part" "$file"
		report ok
	}
	! accept || return 0
	net_is_up || return 0
	why=gone msg="not on the mirror"
	while read -r mirror; do
		for try in 1 2; do
			status=0
			get "$mirror/$path" "$file.part" || status=$?
			[ $status != 0 ] || ! accept || return 0
			if [ $status = 0 ]; then
				# Maybe a stale part was resumed: once more from the start.
				why=hash msg="SHA-256 of ${path##*/} isn't the pinned one"
				rm -f "$file.part"
			elif [ $status = 44 ]; then
				rm -f "$file.part"
				break
			else
				why=net msg=$(get_error "$file.part.err")
				break
			fi
		done
	done <"$PART/mirrors"
	rm -f "$file.part.err"
	report $why "$msg"
}

# One line a few seconds apart (rewritten in place on a terminal) while xargs, process $1, is at work.
fetch_progress() {
	last=0
	while :; do
		alive=1
		kill -0 "$1" 2>/dev/null || alive=0
		now=$(seconds)
		if [ $alive = 0 ] || [ -t 1 ] || [ $((now - last)) -ge 5 ]; then
			line=$(awk -v n="$2" -v mb="$3" '/^ok/ { k++; s += $3 } END { printf "%d/%d packages, %d/%d MB", k, n, s / 1e6, mb }' "$PART/fetch.log")
			if [ -t 1 ]; then printf '\r  %-8s %s  (%s s) ' download "$line" "$now"; else step download "$line"; fi
			last=$now
		fi
		[ $alive = 1 ] || break
		nap
	done
	[ ! -t 1 ] || echo
}

# fetch ROWSFILE: afterwards every row's file is in the cache and verified. Rows whose pinned revision has left the
# mirror are replaced in ROWSFILE by a newer revision of the same upstream version. When one is gone for good, that is the
# end, unless TOLERATE says what becomes of it: then GONE is set.
GONE= TOLERATE=
fetch() {
	fetch_missing "$1"
	[ -s "$PART/fetch.rows" ] || return 0
	mirrors >"$PART/mirrors"
	[ -s "$PART/mirrors" ] || die "don't know a mirror of Debian packages: this machine's apt has none." "Name one: make sdk SDK_MIRROR=http://.../debian"
	fetch_pass
	if grep -q '^gone' "$PART/fetch.log" && command -v apt-get >/dev/null; then
		newer_revisions "$1"
		[ -z "$GONE" ] || return 0
		: >"$PART/fetch.log"
		fetch_missing "$1"
		[ ! -s "$PART/fetch.rows" ] || fetch_pass
	fi
	bad=$(grep -v '^ok' "$PART/fetch.log" | sort | head -n 1) || : # gone, hash, net: the most telling first
	[ -n "$bad" ] || return 0
	set -- $bad
	kind=$1 name=${2%%=*}
	shift 3
	case $kind/$* in
	hash/*) die "$name: $*." "Nothing was installed. The mirror is damaged or was tampered with: try another one (SDK_MIRROR=), or 'make sdk-lock' to re-pin." ;;
	gone/*) fetch_gone "$name: the pinned file has left the mirror." ;;
	*"No space left"*) die "the disk is full: $name doesn't fit into $SDK_CACHE." "Free some space, or choose another place with SDK_CACHE=; then 'make sdk' resumes." ;;
	*) die "no download of $name: $*" "Check the network (or the proxy), then run 'make sdk' again: it resumes where it stopped." ;;
	esac
}

fetch_gone() {
	[ -n "$TOLERATE" ] || die "$1" "Re-pin with 'make sdk-lock', or name a mirror that keeps old packages with SDK_MIRROR="
	warn "$1 $TOLERATE"
	GONE=1
}

# Puts the rows whose file isn't in the cache, or isn't the pinned bytes, into fetch.rows, largest first.
fetch_missing() {
	while read -r row; do
		set -- $row
		is_sha256 "$SDK_CACHE/${7##*/}" "$5" || echo "$row"
	done <"$1" | sort -u | sort -k6,6nr >"$PART/fetch.rows"
}

fetch_pass() {
	: >"$PART/fetch.log"
	n=$(wc -l <"$PART/fetch.rows")
	mb=$(awk '{ s += $6 } END { print int(s / 1e6) }' "$PART/fetch.rows")
	space_check "$SDK_CACHE" $((mb + mb / 20 + 1)) "the downloads"
	awk '{ printf "%s", $5; s += $6; if (++n == 16 || s > 2e6) { print ""; n = s = 0 } else printf " " } END { print "" }' "$PART/fetch.rows" >"$PART/batches"
	parallel "$SDK_JOBS" fetch_batch "$PART/batches"
	fetch_progress "$SESSION" "$n" "$mb"
	parallel_wait || :
}
