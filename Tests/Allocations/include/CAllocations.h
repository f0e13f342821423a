// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The costs of threads with one name since counting began. Only programs that measure link this.
struct MemoryCosts {
    /// Calls of malloc and its relatives, from Swift, C and the libraries alike.
    uint64_t allocations;
    /// Strong retains and releases of Swift objects.
    uint64_t retains;
};

/// Starts to count from zero in the threads whose name is `thread`. Only one count runs at a time.
void beginCountingMemoryCosts(const char *thread);

/// Stops counting and returns the counts.
struct MemoryCosts endCountingMemoryCosts(void);

/// False under a sanitizer, which replaces malloc itself. Nothing is counted then.
bool canCountMemoryCosts(void);
