// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc

/// The target that libFuzzer's process tests: HAIRPIN_FUZZ names it.
private let target: FuzzTarget = {
    let name = getenv("HAIRPIN_FUZZ").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("HAIRPIN_FUZZ names no target. Give one of: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return target
}()

/// What libFuzzer calls with each input (llvm.org/docs/LibFuzzer.html). A fault stops the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
    // SAFETY: libFuzzer owns `byteCount` bytes here until this function returns; they are copied.
    target.run(Array(UnsafeBufferPointer(start: bytes, count: byteCount)))
    return 0
}
