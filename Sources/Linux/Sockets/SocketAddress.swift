// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Converts between the kernel's socket addresses and our types.
enum SocketAddress {
    /// Calls `body` with the sockaddr_in or sockaddr_in6 of `endpoint`. ip(7), ipv6(7)
    static func with<Result>(_ endpoint: Endpoint, _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result) -> Result {
        switch endpoint.address {
        case .v4(let address):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = endpoint.port.bigEndian
            value.sin_addr.s_addr = address.bits.bigEndian
            return raw(&value, body)
        case .v6(let address):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = endpoint.port.bigEndian
            value.sin6_scope_id = endpoint.scope
            withUnsafeMutableBytes(of: &value.sin6_addr) { bytes in
                bytes.storeBytes(of: address.high.bigEndian, toByteOffset: 0, as: UInt64.self)
                bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return raw(&value, body)
        }
    }

    /// Nil for a family other than IPv4 and IPv6. An IPv4 address received through an IPv6 socket is returned as IPv4.
    static func endpoint(of storage: sockaddr_storage) -> Endpoint? {
        withUnsafeBytes(of: storage) { bytes in
            // SAFETY: the storage is larger than both structs, and its family says which of them it holds.
            switch Int32(storage.ss_family) {
            case AF_INET:
                let value = bytes.load(as: sockaddr_in.self)
                let address = IPv4Address(bits: UInt32(bigEndian: value.sin_addr.s_addr))
                return Endpoint(address: .v4(address), port: UInt16(bigEndian: value.sin_port))
            case AF_INET6:
                let value = bytes.load(as: sockaddr_in6.self)
                let address = withUnsafeBytes(of: value.sin6_addr) { octets in
                    IPv6Address(
                        high: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                        low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
                }
                let port = UInt16(bigEndian: value.sin6_port)
                if let mapped = address.mappedIPv4 { return Endpoint(address: .v4(mapped), port: port) }
                return Endpoint(address: .v6(address), port: port, scope: value.sin6_scope_id)
            default:
                return nil
            }
        }
    }

    /// The address of a unix socket: a path, or an abstract name that begins with `@`. Nil when it is empty, contains a zero byte or is
    /// longer than 107 bytes. unix(7)
    static func withUnix<Result>(_ path: String, _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result) -> Result? {
        var value = sockaddr_un()
        value.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard !name.isEmpty, !name.contains(0), name.count < MemoryLayout.size(ofValue: value.sun_path) else { return nil }
        let isAbstract = name[0] == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &value.sun_path) { $0.copyBytes(from: name) }
        let header = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
        let length = header + name.count + (isAbstract ? 0 : 1)
        return raw(&value) { pointer, _ in body(pointer, socklen_t(length)) }
    }

    /// The local address a socket is bound to. getsockname(2)
    static func local(of descriptor: borrowing Descriptor) throws(Errno) -> Endpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let socket = descriptor.raw
        try systemCall {
            withUnsafeMutablePointer(to: &storage) { pointer in
                // SAFETY: sockaddr_storage is made to be seen as any sockaddr, and `length` is its whole size.
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, __SOCKADDR_ARG(__sockaddr__: $0), &length) }
            }
        }
        guard let endpoint = endpoint(of: storage) else { throw .addressFamilyNotSupported }
        return endpoint
    }

    private static func raw<Address, Result>(
        _ value: inout Address, _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &value) { pointer in
            // SAFETY: all sockaddr structs begin with the family; the length says how much of it may be read.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(__CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

extension Descriptor {
    /// Creates a non-blocking socket that is closed on exec. socket(2)
    static func socket(_ family: Int32, _ type: __socket_type, protocol number: Int32 = 0) throws(Errno) -> Descriptor {
        let kind = Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try systemCall { Glibc.socket(family, kind, number) })
    }

    /// setsockopt(2)
    func setOption<Value>(_ level: Int32, _ name: Int32, _ value: Value) throws(Errno) {
        let socket = raw
        _ = try systemCall { withUnsafeBytes(of: value) { setsockopt(socket, level, name, $0.baseAddress, socklen_t($0.count)) } }
    }
}
