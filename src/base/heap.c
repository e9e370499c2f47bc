/*
 * The heap. By itself glibc keeps up to 32 MiB of freed memory for every thread once an allocation
 * of that size was freed: measured with 8 threads, 300 MiB over what documents in flight held.
 */
#include "base/heap.h"

#include <malloc.h>

#include "base/limits.h"

void ctx_heap_setup(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, (int)(256 * CTX_KIB));
    (void)mallopt(M_TRIM_THRESHOLD, (int)CTX_MIB);
#endif
}
