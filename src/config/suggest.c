/* Suggestions for misspelt names: optimal string alignment distance. Pure; any thread. */
#include "config/suggest.h"

#include <ctype.h>
#include <string.h>

enum { NAME_MAX_LEN = 48, TOO_FAR = NAME_MAX_LEN * 2 };

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][NAME_MAX_LEN + 1]; /* two back, one back, current: in turn */
    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
        return TOO_FAR;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned cost = same(a[i - 1], b[j - 1]) ? 0 : 1;
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], two[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *ctx_suggest(const char *written, const char *const *names, size_t n)
{
    const char *best = NULL;
    unsigned best_distance = TOO_FAR;
    size_t len = strlen(written);
    for (size_t i = 0; i < n; i++) {
        size_t name_len = strlen(names[i]);
        unsigned far = distance(written, len, names[i], name_len);
        unsigned allowed = name_len < 3 ? 1 : (unsigned)(name_len + 2) / 3;
        if (far <= allowed && far < name_len && far < best_distance) {
            best = names[i];
            best_distance = far;
        }
    }
    return best;
}
