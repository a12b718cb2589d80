# SPDX-License-Identifier: MIT
# Messages, the lock against a second installer, free space. Sourced by sdk.sh.

say() { printf '%s\n' "$*"; }
seconds() { echo $(($(date +%s) - START)); }
step() { printf '  %-8s %s  (%s s)\n' "$1" "$2" "$(seconds)"; }
nap() { sleep 0.2 2>/dev/null || sleep 1; }
warn() { printf 'sdk: WARNING: %s\n' "$*" >&2; }

# die WHAT [NEXT STEP]: the one way out on failure. Its status 3 tells sdk_leave that the reason has been said.
die() {
	printf 'sdk: error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf '     %s\n' "$2" >&2
	exit 3
}

# parallel N FUNCTION FILE: starts FUNCTION with each line of FILE as its arguments, N at a time, in a session of its own,
# so that sdk_leave ends all of it; should this process be killed for good, they hold the lock on. parallel_wait gives status 0 when all succeeded.
parallel() {
	export PART SDK_CACHE HERE
	setsid xargs -r -L 1 -P "$1" sh -c 'exec 2>&3; . "$HERE/common.sh"; . "$HERE/fetch.sh"; . "$HERE/unpack.sh"; "$@"' sdk "$2" <"$3" 3>&2 2>/dev/null &
	SESSION=$!
}
parallel_wait() {
	status=0
	wait "$SESSION" || status=$?
	SESSION=
	return $status
}

# rows COMPONENT...: the lock's rows of these components, without comments.
# A row is: component suite package[=version-prefix] version sha256 size path
rows() {
	awk -v want=" $* " '/^[a-z]/ && index(want, " " $1 " ")' "$SDK_LOCK"
}

# Taken for the length of the process; the kernel lets go of it however the process ends.
sdk_lock_take() {
	mkdir -p "$(dirname "$SDK_DIR")" 2>/dev/null && [ -w "$(dirname "$SDK_DIR")" ] ||
		die "can't write to $(dirname "$SDK_DIR")." "Choose another place: make sdk SDK_DIR=/some/folder/openmv-sdk-$SDK_VERSION"
	while :; do
		exec 9>"$SDK_DIR.lock"
		if ! flock -n 9; then
			say "Another 'make sdk' is at work on $SDK_DIR; waiting for it."
			flock 9
		fi
		# Another one may have removed the file between our open and our lock.
		[ /proc/self/fd/9 -ef "$SDK_DIR.lock" ] && break
	done
}

# Runs at every exit: nothing half-written stays but what the next run resumes (the cache).
sdk_leave() {
	status=$?
	trap - EXIT
	if [ -n "${SESSION:-}" ]; then
		kill -TERM -- "-$SESSION" 2>/dev/null || kill "$SESSION" 2>/dev/null || :
		wait "$SESSION" 2>/dev/null || :
	fi
	rm -rf "$PART" "$SDK_DIR/qemu.build" "$SDK_DIR/qemu.new" "$SDK_DIR.lock"
	case $status in
	0 | 3 | 130 | 143) exit $status ;;
	esac
	(die "the installation stopped half-way (free disk space: $(free_mb "$(dirname "$SDK_DIR")") MB)." "Nothing half-installed stays. See the message above, then run 'make sdk' again.")
}

# sdk_enter: the machine is one we can serve, the lock is ours, the work folder is empty.
sdk_enter() {
	[ -z "${ENTERED:-}" ] || return 0
	[ "$(uname -sm)" = "Linux x86_64" ] ||
		die "the SDK runs on x86-64 Linux, this is $(uname -sm)." "Use a virtual machine or a container with x86-64 Linux."
	case $SDK_DIR$SDK_CACHE in
	*[[:space:]]*) die "SDK_DIR and SDK_CACHE can't contain spaces ($SDK_DIR, $SDK_CACHE): gcc's linker scripts don't survive them." ;;
	esac
	for p in ar tar xz gcc make patch sha256sum awk flock setsid; do
		command -v $p >/dev/null || die "the program '$p' is missing." "On Debian: apt install git build-essential xz-utils util-linux"
	done
	if [ -e "$SDK_DIR" ] && [ -n "$(ls -A "$SDK_DIR")" ] && ! ls "$SDK_DIR"/sdk.* >/dev/null 2>&1; then
		die "$SDK_DIR exists and isn't an SDK; it stays as it is." "Choose another place with SDK_DIR=, or remove it."
	fi
	sdk_lock_take
	trap sdk_leave EXIT
	trap 'say "Interrupted. Nothing is half-installed; the next run resumes."; exit 130' INT
	trap 'exit 143' TERM HUP
	rm -rf "$PART" "$SDK_DIR/qemu.build" "$SDK_DIR/qemu.new" # of a run that was killed
	mkdir "$PART" && mkdir -p "$SDK_CACHE" || die "can't create $PART and $SDK_CACHE." "Check the permissions, or choose others with SDK_DIR= and SDK_CACHE="
	ENTERED=1
}

free_mb() { df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }'; }

# space_check FOLDER MB WHAT: enough free space, said before it runs out.
space_check() {
	free=$(free_mb "$1")
	[ "$free" -ge "$2" ] || die "not enough disk space in $1 for $3: $2 MB are needed, $free MB are free." "Free some space, or choose another place with SDK_DIR= (and SDK_CACHE= for downloads)."
}
