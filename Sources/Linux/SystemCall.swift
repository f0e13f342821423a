// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The entry for all system calls of this target: runs a call that returns -1 on failure, repeats it after EINTR, and throws the error
/// before other code can change `errno`.
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

/// The same for pthread functions, which return the error number. pthreads(7)
@inline(always)
func threadCall(_ call: () -> Int32) throws(Errno) {
    let code = call()
    if code != 0 { throw Errno(code) }
}
