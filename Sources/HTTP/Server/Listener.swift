// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Words

/// Where a server listens.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    case tcp(Endpoint)
    /// A unix socket: the path of its file. Its clients are trusted proxies, because only users who may write to the file can connect.
    case unix(String)

    /// Parses `127.0.0.1:8080`, `[::]:8080`, `localhost:8080` or `unix:/run/hairpin/portal.sock`. The path of a socket must be absolute and have
    /// at most 107 bytes.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count <= 107, !path.utf8.contains(0) else { return nil }
            self = .unix(path)
        } else {
            guard let endpoint = Endpoint(text.hasPrefix("localhost:") ? "127.0.0.1" + text.dropFirst("localhost".count) : text) else { return nil }
            self = .tcp(endpoint)
        }
    }

    /// The form that `init` parses.
    public var description: String {
        switch self {
        case .tcp(let endpoint): endpoint.description
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The port; nil for a unix socket.
    public var port: UInt16? { if case .tcp(let endpoint) = self { endpoint.port } else { nil } }
}

/// A socket that waits for connections.
enum Listener: ~Copyable {
    case tcp(TCPListener)
    case unix(UnixListener)

    /// Who may connect to a unix socket: its owner and its group, which a proxy's user can join.
    private static let socketMode: UInt32 = 0o660

    init(_ address: ListenAddress) throws(Errno) {
        switch address {
        case .tcp(let endpoint): self = .tcp(try TCPListener(endpoint))
        case .unix(let path): self = .unix(try UnixListener(path: path, mode: Self.socketMode, backlog: 512))
        }
    }

    /// Where it listens, with the actual port.
    var address: ListenAddress {
        switch self {
        case .tcp(let listener): .tcp(listener.endpoint)
        case .unix(let listener): .unix(listener.path)
        }
    }

    func accept() throws(Errno) -> SocketStream? {
        switch self {
        case .tcp(let listener): try listener.accept()
        case .unix(let listener): try listener.accept()
        }
    }

    func register(with poller: borrowing Poller, token: UInt64) throws(Errno) {
        switch self {
        case .tcp(let listener): try poller.add(listener.descriptor, token: token, for: .readable)
        case .unix(let listener): try poller.add(listener.descriptor, token: token, for: .readable)
        }
    }

    func change(_ poller: borrowing Poller, to interest: Poller.Interest) throws(Errno) {
        switch self {
        case .tcp(let listener): try poller.modify(listener.descriptor, token: EventLoop.Token.listener, for: interest)
        case .unix(let listener): try poller.modify(listener.descriptor, token: EventLoop.Token.listener, for: interest)
        }
    }
}
