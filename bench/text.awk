# SPDX-License-Identifier: MIT
# Text of vision/ by what it is for, beside the reference's. Files: reference (text|group|bytes), the output of size over the objects.
BEGIN {
    FS = "|"
    groups = "jpeg=JPEG png=PNG deflate=PNG inflate=PNG draw=drawing font=drawing blob=blobs min=blobs filter=filters window=filters morphology=filters"
    n = split(groups, list, " ")
    for (i = 1; i <= n; i++) { split(list[i], pair, "="); group[pair[1]] = pair[2] }
}
FILENAME == ARGV[1] { if ($1 == "text") reference[$2] = $3; next }
{
    split($0, column, " ")
    if (column[1] + 0 == 0) { next }
    name = column[6]
    sub(/.*\//, "", name)
    sub(/[.]o$/, "", name)
    what = name ~ /^kernel_window/ ? "filters" : name
    sub(/_.*/, "", what)
    what = what in group ? group[what] : what == "filters" ? what : "everything else"
    text[what] += column[1]
    text["vision/ in all"] += column[1]
}
END {
    printf "\n%-18s %8s %10s\n", "text, bytes", "ours", "reference"
    count = split("JPEG PNG drawing filters blobs", order, " ")
    order[++count] = "everything else"
    order[++count] = "vision/ in all"
    for (i = 1; i <= count; i++) { printf "%-18s %8d %10s\n", order[i], text[order[i]], order[i] in reference ? reference[order[i]] : "-" }
    exit text["vision/ in all"] > reference["vision/ in all"]
}
