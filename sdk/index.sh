# SPDX-License-Identifier: MIT
# Reads a suite's signed index with a private apt: re-pins sdk.lock, finds newer revisions. Sourced by sdk.sh.

# index_load SUITE...: leaves $PART/index/SUITE with lines: package version sha256 size path (sources as src:NAME).
index_load() {
	command -v apt-get >/dev/null || die "this needs apt-get, to read and verify the packages' signed index." "Run it on Debian or in a Debian container."
	[ -f "$SDK_KEYRING" ] || die "the archive's keyring $SDK_KEYRING is missing." "Install debian-archive-keyring, or name a keyring with SDK_KEYRING="
	[ -s "$PART/mirrors" ] || mirrors >"$PART/mirrors"
	a=$PART/apt
	rm -rf "$a"
	mkdir -p "$a/lists/partial" "$a/cache/archives/partial" "$PART/index"
	read -r mirror <"$PART/mirrors"
	for suite; do
		for type in deb deb-src; do
			echo "$type [arch=amd64 signed-by=$SDK_KEYRING] $mirror $suite main"
		done
	done >"$a/sources.list"
	cat >"$a/conf" <<-EOF
		Dir::Etc::sourcelist "$a/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::Lists "$a/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$a/cache";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
		APT::Sandbox::User "$(id -un)";
	EOF
	step index "reading the index of $*"
	APT_CONFIG=$a/conf apt-get -qq update >"$a/log" 2>&1 && ! grep -q '^[WE]:' "$a/log" ||
		die "the signed index of $* can't be read or verified: $(grep '^[WE]:' "$a/log" | head -n 1)" "Check the network and the mirror (SDK_MIRROR=)."
	for suite; do
		APT_CONFIG=$a/conf apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(FILENAME)' |
			awk -v s="$suite" '$2 == s && ($1 == "Packages" || $1 == "Sources") { print $1, $3 }' |
			while read -r kind file; do
				/usr/lib/apt/apt-helper cat-file "$file" | index_$kind
			done >"$PART/index/$suite"
	done
}

index_Packages() {
	awk '/^Package: / { p = $2 } /^Version: / { v = $2 } /^Size: / { s = $2 } /^SHA256: / { h = $2 } /^Filename: / { f = $2 }
		/^$/ { if (p) print p, v, h, s, f; p = "" } END { if (p) print p, v, h, s, f }'
}

index_Sources() {
	awk '/^Package: / { p = $2 } /^Version: / { v = $2 } /^Directory: / { d = $2 } /^[^ ]/ { sums = /^Checksums-Sha256:/ }
		sums && $3 ~ /\.orig\.tar\.[a-z0-9]+$/ { h = $1; s = $2; f = $3 }
		/^$/ { if (p && f) print "src:" p, v, h, s, d "/" f; p = f = "" } END { if (p && f) print "src:" p, v, h, s, d "/" f }'
}

# index_newest SUITE PACKAGE [PREFIX]: the row of the newest version that begins with PREFIX; nothing when there is none.
index_newest() {
	awk -v p="$2" -v pre="${3:-}" '$1 == p && index($2, pre) == 1' "$PART/index/$1" | while read -r row; do
		set -- $row
		if [ -z "${best:-}" ] || dpkg --compare-versions "$2" gt "$best"; then
			best=$2
			echo "$row"
		fi
	done | tail -n 1
}

# The upstream part of a version: no revision, and none of the repacking or rebuild marks behind it.
upstream_version() { echo "${1%-*}"; }

# newer_revisions ROWSFILE: replaces there what fetch.log calls gone by a newer revision of the same upstream version.
newer_revisions() {
	awk 'NR == FNR { if ($1 == "gone") gone[$2]; next } $3 in gone' "$PART/fetch.log" "$1" >"$PART/gone.rows"
	while read -r _ suite name version _; do
		say "  ${name%%=*} $version isn't on the mirror any more; looking for a newer revision."
	done <"$PART/gone.rows"
	index_load $(cut -d' ' -f2 "$PART/gone.rows" | sort -u)
	while read -r component suite name version _; do
		found=$(index_newest "$suite" "${name%%=*}")
		new=$(echo "$found" | cut -d' ' -f2)
		if [ -z "$found" ] || [ "$(upstream_version "$version")" != "$(upstream_version "$new")" ]; then
			fetch_gone "${name%%=*} $version has left the mirror, and $suite has no newer revision of it (there: ${new:-no such package})."
			return 0
		fi
		warn "${name%%=*}: taking $new instead of the pinned $version: a newer revision of the same version, from the signed index."
		warn "These are not the pinned bytes. Run 'make sdk-lock' and commit sdk/sdk.lock."
		awk -v name="$name" -v row="$component $suite $name ${found#* }" '$3 == name { print row; next } { print }' "$1" >"$1.new"
		mv "$1.new" "$1"
	done <"$PART/gone.rows"
}

# lock_write: re-pins every row of sdk.lock to the suite's newest version, keeping order, comments and version prefixes.
lock_write() {
	index_load $(awk '/^[a-z]/ { print $2 }' "$SDK_LOCK" | sort -u)
	while read -r row; do
		set -- $row
		case $row in
		[a-z]*)
			prefix=
			case $3 in *=*) prefix=${3#*=} ;; esac
			found=$(index_newest "$2" "${3%%=*}" "$prefix")
			[ -n "$found" ] || die "$2 has no package ${3%%=*}${prefix:+ with a version that begins with $prefix}." "Edit its row in sdk/sdk.lock."
			echo "$1 $2 $3 ${found#* }"
			[ "${4:-}" = "$(echo "$found" | cut -d' ' -f2)" ] || say "  $3: ${4:-new} -> $(echo "$found" | cut -d' ' -f2)" >&2
			;;
		*) echo "$row" ;;
		esac
	done <"$SDK_LOCK" >"$PART/sdk.lock"
	mv "$PART/sdk.lock" "$SDK_LOCK"
	step lock "wrote $SDK_LOCK"
}
