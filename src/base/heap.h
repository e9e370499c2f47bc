#ifndef CTX_BASE_HEAP_H
#define CTX_BASE_HEAP_H

/*
 * Has the C library's heap give large allocations back to the system as soon as they are freed. For
 * programs' main(), before threads start. Where the library has no such choice, nothing happens.
 */
void ctx_heap_setup(void);

#endif
