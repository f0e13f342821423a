// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The funnel of this target: runs a call that answers -1 on failure, repeats it when a signal interrupted it,
/// and throws what `errno` said before anything else could change it.
@inline(always)
@discardableResult
func systemCall<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.last
        if error.code != EINTR { throw error }
    }
}

/// The same for the pthread family, which answers the error number itself. pthreads(7)
@inline(always)
func threadCall(_ call: () -> Int32) throws(Errno) {
    let code = call()
    if code != 0 { throw Errno(code) }
}
