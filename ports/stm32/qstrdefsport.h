// Qstrs of this port beside those found in the sources: none.
