// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// What others may see of this process's memory.
public enum ProcessMemory {
    /// No core dump, and no debugger or /proc/PID/mem for other processes of the same user: the memory holds keys. Where the kernel
    /// refuses, the process goes on. prctl(2) PR_SET_DUMPABLE, setrlimit(2) RLIMIT_CORE
    public static func hide() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(RLIMIT_CORE, &none)
        _ = hide_process_memory()
    }

    /// True after `hide`, unless the kernel refused.
    public static var isHidden: Bool { process_memory_is_hidden() != 0 }
}
