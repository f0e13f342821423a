// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#include "CAllocations.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

static char watched[16];
static _Atomic uint64_t epoch; // 0: nothing is counted
static _Atomic uint64_t allocations, retains;

/// A thread reads its name once per epoch.
static bool isWatched(void) {
    static __thread uint64_t knownEpoch;
    static __thread bool known;
    uint64_t now = atomic_load_explicit(&epoch, memory_order_relaxed);
    if (now == 0) return false;
    if (now != knownEpoch) {
        char name[16] = "";
        prctl(PR_GET_NAME, name);
        known = strcmp(name, watched) == 0;
        knownEpoch = now;
    }
    return known;
}

static void countAllocation(void) {
    if (isWatched()) atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

static void countRetain(void) {
    if (isWatched()) atomic_fetch_add_explicit(&retains, 1, memory_order_relaxed);
}

void beginCountingMemoryCosts(const char *thread) {
    static uint64_t last;
    strncpy(watched, thread, sizeof watched - 1);
    allocations = retains = 0;
    epoch = ++last;
}

struct MemoryCosts endCountingMemoryCosts(void) {
    epoch = 0;
    return (struct MemoryCosts){ .allocations = allocations, .retains = retains };
}

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

bool canCountMemoryCosts(void) { return false; }

#else

bool canCountMemoryCosts(void) { return true; }

// A program's own malloc replaces that of glibc, also for libraries. malloc(3)
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { countAllocation(); return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { countAllocation(); return __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { countAllocation(); return __libc_realloc(memory, size); }
void *aligned_alloc(size_t alignment, size_t size) { countAllocation(); return __libc_memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    countAllocation();
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

// The same for the Swift runtime, but only for calls from the program, not from the standard library. Compiled code may expect these functions
// to preserve its registers, hence preserve_most. (The runtime's own hooks treat short strings as objects: Swift 6.3.1.)
#define COUNTED(result, name, parameters, arguments)                                 \
    __attribute__((preserve_most)) result name parameters {                          \
        static result(*next) parameters;                                             \
        if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name);             \
        countRetain();                                                               \
        return next arguments;                                                       \
    }

COUNTED(void *, swift_retain, (void *object), (object))
COUNTED(void *, swift_retain_n, (void *object, uint32_t n), (object, n))
COUNTED(void, swift_release, (void *object), (object))
COUNTED(void, swift_release_n, (void *object, uint32_t n), (object, n))
COUNTED(void *, swift_bridgeObjectRetain, (void *object), (object))
COUNTED(void, swift_bridgeObjectRelease, (void *object), (object))

#endif
