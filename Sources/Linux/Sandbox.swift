// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Gives up what a hub never needs, so that somebody who gets control of the process can do little with it: it starts no programs and no
/// processes, gains no rights, inspects no other process, opens only Unix, internet and netlink sockets, and runs no memory that it has written.
/// The list is in Sources/Libraries/LinuxHeaders/Sandbox.c.
public enum Sandbox {
    /// Enters the sandbox with all threads of the process, for good. A call that is not on the list fails with EPERM as if the user lacked the right.
    /// Throws if the kernel has no system-call filters or there is no list for this architecture; the process then has no new rights, but all calls.
    /// seccomp(2)
    public static func enter() throws(Errno) { try systemCall { restrict_system_calls() } }

    /// True inside.
    public static var isOn: Bool { system_calls_are_restricted() != 0 }
}
