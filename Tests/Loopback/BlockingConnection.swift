// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux

/// A connection over a blocking socket to a loopback port or a unix socket, for tests of servers. Gives up after ten seconds of silence.
public final class BlockingConnection: Sendable {
    /// For a library that reads and writes by itself.
    public let descriptor: Int32

    /// Connects to the unix socket at `path`.
    public init(path: String) throws(Errno) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        Self.setPatience(descriptor)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Errno(errno) }
    }

    /// `from` is the host's part of our own address, all of which are loopback: 0x0102 is 127.0.1.2. `receiveBuffer` is for slow
    /// clients: the size in bytes of their receive buffer in the kernel.
    public init(port: UInt16, from host: UInt32 = 1, receiveBuffer: Int32? = nil) throws(Errno) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_addr.s_addr = (0x7F00_0000 | host).bigEndian
        let bound = withUnsafePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else { throw Errno(errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        Self.setPatience(descriptor)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Errno(errno) }
    }

    deinit { close(descriptor) }

    private static func setPatience(_ descriptor: Int32) {
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    public func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next bytes; empty at the end of the connection, nil after ten seconds of silence or an error.
    public func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    /// Everything up to the end of the connection, nil after ten seconds of silence.
    public func readToEnd() -> String? {
        var all: [UInt8] = []
        while let part = receive() {
            if part.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += part
        }
        return nil
    }
}
