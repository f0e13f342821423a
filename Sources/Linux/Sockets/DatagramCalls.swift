// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The three non-blocking system calls for datagrams. Tests replace them to simulate kernels that refuse or mishandle something. C
/// functions, so that a call costs no more than a jump.
public struct DatagramCalls: Sendable {
    /// recvmmsg(2)
    public var receive: @convention(c) @Sendable (_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32) -> Int32
    /// sendmmsg(2)
    public var sendMany: @convention(c) @Sendable (_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32) -> Int32
    /// sendmsg(2)
    public var sendOne: @convention(c) @Sendable (_ socket: Int32, _ header: UnsafePointer<msghdr>?) -> Int

    /// The kernel's own.
    public static let kernel = DatagramCalls(
        receive: { recvmmsg($0, $1, $2, Int32(MSG_DONTWAIT), nil) },
        sendMany: { sendmmsg($0, $1, $2, Int32(MSG_NOSIGNAL)) },
        sendOne: { sendmsg($0, $1, Int32(MSG_NOSIGNAL)) })
}
