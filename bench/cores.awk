# SPDX-License-Identifier: MIT
# The same functions on other cores. Files: reference (op|image|instructions|result), then the results of bench/core on m7, m4, m55 and m0
# (op|image|instructions|pixels|scratch|checksum). Prints instructions per pixel and fails when a core comes to other pixels than the M7.

/^#/ || NF < 3 { next }
FILENAME == ARGV[1] { reference[$1 "|" $2] = $3; next }
{
    key = $1 "|" $2
    core = FILENAME
    sub(/.*core-/, "", core)
    sub(/[.]txt$/, "", core)
    if (core == "m7") { order[++count] = key; pixels[key] = $4; sum[key] = $6 }
    else if (!(key in sum)) { printf "DIFFERENT: %s: not on m7\n", key; wrong++ }
    else if ($6 != sum[key]) { printf "DIFFERENT: %s: other pixels on %s than on m7\n", key, core; wrong++ }
    n[core, key] = $3
}
function per_pixel(core, key) { return (core, key) in n ? sprintf("%8.2f", n[core, key] / pixels[key]) : sprintf("%8s", "-") }
END {
    printf "\nInstructions per pixel of bare functions on other cores; m55/ref: beside the reference on the M7\n"
    printf "%-30s %-16s %8s %8s %8s %8s %8s %8s\n", "operation", "picture", "m0", "m4", "m7", "m55", "m55/m7", "m55/ref"
    for (i = 1; i <= count; i++) {
        key = order[i]
        split(key, part, "|")
        if (part[2] !~ /^moto_[qs]/ || part[1] ~ /^draw_(line|rect|circle|ellipse|string)/ || (part[2] ~ /moto_s/ && !(("m0", key) in n))) { continue }
        ratio = n["m55", key] ? sprintf("%8.3f", n["m55", key] / n["m7", key]) : sprintf("%8s", "-")
        ref = n["m55", key] && reference[key] ? n["m55", key] / reference[key] : 0
        if (ref) { logs += log(ref); rows++ }
        printf "%-30s %-16s %s %s %s %s %s %8s\n", part[1], part[2], per_pixel("m0", key), per_pixel("m4", key), per_pixel("m7", key), per_pixel("m55", key), ratio, ref ? sprintf("%.3f", ref) : "-"
    }
    if (rows) { printf "Geometric mean of m55/ref, %d rows: %.3f\n", rows, exp(logs / rows) }
    exit wrong != 0
}
