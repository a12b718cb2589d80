# SPDX-License-Identifier: MIT
# Figures beside the reference. Files: reference (op|image|instructions|result), camera (op|image|instructions|pixels|count),
# core (op|image|instructions|pixels|scratch), usb (op|what|count|least possible). Prints a table and a geometric mean, writes JSON, compares with the accepted figures.

function keyed(where) { return where "|" $1 "|" $2 }

# What has become of an acknowledged figure.
function change(key, n,    grown) {
    grown = ""
    if (key in before) {
        if (n > before[key] * 1.01) { grown = sprintf("  grown by %.1f %%", (n / before[key] - 1) * 100); worse++ }
    } else if (have_before) { grown = "  not acknowledged"; worse++ }
    print key "|" n > new
    return grown
}

function row(where, op, image, n, pixels, scratch, ref,    ratio, key, grown) {
    key = where "|" op "|" image
    ratio = ref ? n / ref : 0
    if (ref && where == "script") { logs += log(ratio); rows++ }
    printf "%-7s %-22s %-18s %12d %9.1f", where, op, image, n, n / pixels
    if (ref) printf " %12d %7.3f", ref, ratio
    else printf " %12s %7s", "-", "-"
    grown = change(key, n)
    if (ratio > 1 && where == "script") { grown = grown "  SLOWER than the reference"; slower++ }
    print grown
    printf "%s\n  {\"op\": \"%s\", \"image\": \"%s\", \"core\": \"cortex-m7\", \"counted\": \"%s\", \"instructions\": %d, \"per_pixel\": %.3f, \"scratch\": %s, \"reference\": %s, \"ratio\": %s}", \
        first++ ? "," : "[", op, image, where, n, n / pixels, scratch == "" ? "null" : scratch, ref ? ref : "null", ref ? sprintf("%.4f", ratio) : "null" > json
}

function usb_row(op, what, n, least) {
    if (!usb_rows++) { printf "\n%-7s %-22s %-28s %10s %10s %7s\n", "USB", "operation", "count of", "count", "least", "ratio" }
    printf "%-7s %-22s %-28s %10d %10d %7.3f%s\n", "USB", op, what, n, least, n / least, change("USB|" op "|" what, n)
    printf "%s\n  {\"op\": \"%s\", \"counted\": \"USB\", \"what\": \"%s\", \"count\": %d, \"least\": %d}", first++ ? "," : "[", op, what, n, least > json
}

BEGIN {
    while ((getline line < accepted) > 0) {
        if (line !~ /^#/ && split(line, f, "|") == 4) { before[f[1] "|" f[2] "|" f[3]] = f[4]; have_before = 1 }
    }
    if (accept == "--accept") { have_before = 0; delete before }
    print "# Executed instructions acknowledged: where|operation|picture|instructions. USB: operation|what|count. Written by 'make bench-accept'." > new
    printf "%-7s %-22s %-18s %12s %9s %12s %7s\n", "counted", "operation", "picture", "instructions", "per pixel", "reference", "ratio"
}
/^#/ || NF < 3 { next }
FILENAME == ARGV[1] { reference[$1 "|" $2] = $3; result[$1 "|" $2] = $4; next }
FILENAME == ARGV[2] {
    if ($1 == "call") { next }
    row("script", $1, $2, $3, $4, "", reference[$1 "|" $2])
    if (result[$1 "|" $2] ~ /^n=/ && result[$1 "|" $2] != "n=" $5) { printf "        %s: %s results, the reference had %s\n", $1, $5, result[$1 "|" $2] }
    next
}
FILENAME == ARGV[4] { usb_row($1, $2, $3, $4); next }
{ row("C", $1, $2, $3, $4, $5, reference[$1 "|" $2]) }
END {
    print "\n]" > json
    if (rows) { printf "\nGeometric mean of the ratios to the reference, %d rows from a script: %.3f\n", rows, exp(logs / rows) }
    if (slower) { printf "%d rows are slower than the reference.\n", slower; exit 1 }
    if (worse) { printf "%d figures have grown by more than 1 %%, or are new: look why, or acknowledge with 'make bench-accept'.\n", worse; exit 1 }
}
