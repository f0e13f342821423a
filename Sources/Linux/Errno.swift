// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The error of a system call: the number in `errno`, with its name and text. errno(3)
public struct Errno: Error, Hashable, Sendable {
    /// The number in `errno`.
    public let code: Int32

    @inlinable public init(_ code: Int32) { self.code = code }

    /// The error of the call just made on this thread. Read it before any other code runs.
    static var last: Errno { Errno(errno) }

    /// `EADDRINUSE`, or `errno 4711` for a number that has no name.
    public var name: String {
        strerrorname_np(code).map { String(cString: $0) } ?? "errno \(code)"
    }

    /// Nothing to read or no room to write; wait for the poller and try again.
    public static let wouldBlock = Errno(EAGAIN)
    public static let noSuchFile = Errno(ENOENT)
    public static let fileExists = Errno(EEXIST)
    public static let readOnlyFileSystem = Errno(EROFS)
    public static let permissionDenied = Errno(EACCES)
    public static let notPermitted = Errno(EPERM)
    public static let invalidArgument = Errno(EINVAL)
    public static let noSpace = Errno(ENOSPC)
    public static let noBufferSpace = Errno(ENOBUFS)
    /// The process has no descriptor left.
    public static let tooManyOpenFiles = Errno(EMFILE)
    /// The system has no descriptor left.
    public static let fileTableOverflow = Errno(ENFILE)
    public static let addressInUse = Errno(EADDRINUSE)
    public static let addressNotAvailable = Errno(EADDRNOTAVAIL)
    public static let addressFamilyNotSupported = Errno(EAFNOSUPPORT)
    public static let connectionReset = Errno(ECONNRESET)
    public static let connectionRefused = Errno(ECONNREFUSED)
    public static let brokenPipe = Errno(EPIPE)
    public static let notConnected = Errno(ENOTCONN)
    public static let timedOut = Errno(ETIMEDOUT)
    public static let protocolError = Errno(EPROTO)
    public static let notSupported = Errno(EOPNOTSUPP)
    /// The file system has no locks.
    public static let noLocks = Errno(ENOLCK)
    public static let noSuchCall = Errno(ENOSYS)
    public static let busy = Errno(EBUSY)
    public static let nameTooLong = Errno(ENAMETOOLONG)
    public static let messageTooLong = Errno(EMSGSIZE)
    public static let inputOutputError = Errno(EIO)
    /// No route leads to its network, or to the machine itself.
    public static let networkUnreachable = Errno(ENETUNREACH)
    public static let hostUnreachable = Errno(EHOSTUNREACH)
    public static let networkDown = Errno(ENETDOWN)
    /// There is no interface of this name or number.
    public static let noSuchDevice = Errno(ENODEV)
}

extension Errno: CustomStringConvertible {
    /// `Address already in use (EADDRINUSE)`.
    public var description: String {
        guard let text = strerrordesc_np(code) else { return "unknown error (\(name))" }
        return "\(String(cString: text)) (\(name))"
    }
}

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
