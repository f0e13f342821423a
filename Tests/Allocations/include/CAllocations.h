// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// What one kind of thread has cost since counting began. Only programs that measure link this.
struct MemoryCosts {
    /// Calls of malloc and its relatives, from Swift, C and the libraries alike.
    uint64_t allocations;
    /// Strong retains and releases of Swift objects.
    uint64_t retains;
};

/// Counts from now on, from zero, in the threads whose name is `thread`. One at a time.
void beginCountingMemoryCosts(const char *thread);

/// Stops counting and gives what was counted.
struct MemoryCosts endCountingMemoryCosts(void);

/// False under a sanitizer, which needs malloc for itself: nothing is counted then.
bool canCountMemoryCosts(void);
