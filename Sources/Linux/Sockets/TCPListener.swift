// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A TCP socket that waits for connections. tcp(7)
public struct TCPListener: ~Copyable, Sendable {
    /// For the poller.
    public let descriptor: Descriptor
    /// Where it listens, with the actual port.
    public let endpoint: Endpoint

    /// Listens at `endpoint`. `[::]` accepts IPv4 as well.
    /// Throws `.addressInUse` when the port is taken, `.addressNotAvailable` when the address is not ours, `.permissionDenied` for a port
    /// below 1024 without the privilege. bind(2), listen(2)
    public init(_ endpoint: Endpoint, backlog: Int32 = 512) throws(Errno) {
        let family = endpoint.address.isV4 ? AF_INET : AF_INET6
        let socket = try Descriptor.socket(family, SOCK_STREAM)
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, Int32(1))
        if family == AF_INET6 {
            try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, Int32(endpoint.address.isUnspecified ? 0 : 1))
        }
        let number = socket.raw
        try systemCall { SocketAddress.with(endpoint) { bind(number, $0, $1) } }
        try systemCall { listen(number, backlog) }
        self.endpoint = try SocketAddress.local(of: socket)
        descriptor = socket
    }

    /// Accepts the next connection with its peer; nil when none waits. Throws `.tooManyOpenFiles` or `.fileTableOverflow` when no
    /// descriptor is left. accept4(2)
    public func accept() throws(Errno) -> SocketStream? {
        var storage = sockaddr_storage()
        guard let accepted = try descriptor.acceptConnection(&storage) else { return nil }
        guard let peer = SocketAddress.endpoint(of: storage) else { throw .addressFamilyNotSupported }
        return SocketStream(accepted: accepted, peer: peer)
    }
}
