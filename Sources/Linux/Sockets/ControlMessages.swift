// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Control data of a message: a header of length, level and type, then the value, each part padded to eight bytes. cmsg(3)
enum ControlMessages {
    static let headerByteCount = MemoryLayout<cmsghdr>.size
    /// Room for packet information, traffic class, segment size and overflow count together.
    static let capacity = 160

    /// Calls `body` with level, type and address of each value.
    @inline(__always)
    static func forEach(
        _ control: UnsafeMutableRawPointer, byteCount: Int, _ body: (_ level: Int32, _ type: Int32, _ value: UnsafeRawPointer) -> Void
    ) {
        var offset = 0
        // SAFETY: the kernel filled `byteCount` bytes; a header or value that would reach past them ends the walk.
        while offset + headerByteCount <= byteCount {
            let header = (control + offset).load(as: cmsghdr.self)
            guard header.cmsg_len >= headerByteCount, offset + header.cmsg_len <= byteCount else { return }
            body(header.cmsg_level, header.cmsg_type, UnsafeRawPointer(control) + offset + headerByteCount)
            offset += (header.cmsg_len + 7) & ~7
        }
    }

    /// Appends the first `byteCount` bytes of a value (nil: all). Returns the offset of the next value.
    @inline(__always)
    static func append<Value>(
        _ value: Value, level: Int32, type: Int32, to control: UnsafeMutableRawPointer, at offset: Int, byteCount: Int? = nil
    ) -> Int {
        let length = headerByteCount + (byteCount ?? MemoryLayout<Value>.size)
        var header = cmsghdr()
        header.cmsg_len = length
        header.cmsg_level = level
        header.cmsg_type = type
        (control + offset).storeBytes(of: header, as: cmsghdr.self)
        (control + offset + headerByteCount).storeBytes(of: value, as: Value.self)
        return offset + (length + 7) & ~7
    }
}
