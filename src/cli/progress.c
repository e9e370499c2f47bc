/* The progress line: a bar, the rate, the time that remains. Main thread. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/optimize.h"

enum { BAR = 24 };

static bool shown;

void ctx_progress_draw(void *data, uint64_t done, uint64_t total)
{
    const uint64_t *began_us = data;
    double seconds = (double)(ctx_clock_monotonic_us() - *began_us) / 1e6;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    int filled = total ? (int)(done * BAR / total) : 0;
    char bar[BAR + 1];
    if (!isatty(STDERR_FILENO))
        return;
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(filled > BAR ? BAR : filled));
    bar[BAR] = '\0';
    fprintf(stderr, "\r[%s] %llu/%llu pages  %.0f/s  %.0f s left\033[K", bar,
            (unsigned long long)done, (unsigned long long)total, rate,
            rate > 0 && total > done ? (double)(total - done) / rate : 0.0);
    fflush(stderr);
    shown = true;
}

void ctx_progress_clear(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
