// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Protects this process's memory from other processes.
public enum ProcessMemory {
    /// Prevents core dumps and access through debuggers or /proc/PID/mem by other processes of the same user, because the memory holds
    /// keys. If the kernel refuses, the process continues. prctl(2) PR_SET_DUMPABLE, setrlimit(2) RLIMIT_CORE
    public static func hide() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(RLIMIT_CORE, &none)
        _ = hide_process_memory()
    }

    /// True after `hide`, unless the kernel refused.
    public static var isHidden: Bool { process_memory_is_hidden() != 0 }
}
