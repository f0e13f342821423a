// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Reports the server's state to the service manager: `READY=1`, `STOPPING=1`, `RELOADING=1`, `STATUS=…`. sd_notify(3)
public struct ServiceNotifier: Sendable {
    private let path: String

    /// Nil without a service manager: `NOTIFY_SOCKET` is not set or is not a unix socket.
    public init?() {
        guard let value = getenv("NOTIFY_SOCKET") else { return nil }
        self.init(path: String(cString: value))
    }

    /// A path, or an abstract name that begins with `@`; anything else is nil.
    public init?(path: String) {
        guard path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        self.path = path
    }

    /// Sends `state`, lines of `KEY=value`, as one datagram. sendto(2)
    public func notify(_ state: String) throws(Errno) {
        let socket = try Descriptor.socket(AF_UNIX, SOCK_DGRAM)
        let number = socket.raw
        let message = Array(state.utf8)
        let flags = Int32(MSG_NOSIGNAL)
        let sent = try systemCall {
            SocketAddress.withUnix(path) { sendto(number, message, message.count, flags, $0, $1) } ?? -2
        }
        if sent == -2 { throw .nameTooLong }
    }
}
