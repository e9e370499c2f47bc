/* "Did you mean": optimal string alignment distance over a table's names. Pure. */
#include "base/suggest.h"

#include <string.h>

enum { NAME_MAX_LEN = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

/* Three rolling rows: before[] is two lines up, above[] one, row[] the current. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return rows[a_len % 3][b_len];
}

const char *ctx_suggest(const char *given, const void *names, size_t n, size_t stride)
{
    const char *best = NULL;
    unsigned best_distance = 0;
    size_t given_len = strlen(given);
    if (given_len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *name;
        memcpy(&name, (const char *)names + i * stride, sizeof(name));
        size_t len = strlen(name);
        if (len > NAME_MAX_LEN)
            continue;
        unsigned edits = distance(given, given_len, name, len);
        if (edits <= (len + 2) / 3 && (!best || edits < best_distance)) {
            best = name;
            best_distance = edits;
        }
    }
    return best;
}
