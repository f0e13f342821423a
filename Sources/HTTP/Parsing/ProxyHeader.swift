// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The header that a proxy sends before the first byte of a connection, to name the client. HAProxy's PROXY protocol, versions 1 and 2.
/// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
///
///     version 1   PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n      at most 107 bytes; PROXY UNKNOWN …\r\n names nobody
///
///     version 2    0  0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A
///                 12  version 2 and command: 20 LOCAL, 21 PROXY
///                 13  family and protocol: 11 TCP over IPv4, 21 TCP over IPv6
///                 14  length of the rest, big endian
///                 16  source address, destination address, source port, destination port
///                     then fields: type, length (2), value. Type 20 begins with a byte whose lowest bit says TLS.
struct ProxyHeader: Equatable {
    /// The client; nil if the header names nobody, as for health checks of the proxy itself.
    var client: Endpoint?
    /// True if the client's connection to the proxy is encrypted. Only version 2 can say so.
    var isTLS = false

    /// The state of reading a header.
    enum Progress: Equatable {
        /// Read at most this number of bytes more. They all belong to the header.
        case needs(Int)
        case complete(ProxyHeader)
        /// The connection does not begin with a header.
        case invalid
    }

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// "PROXY UNKNOWN\r\n", the shortest header of all. Reading this many bytes never takes one of the connection itself.
    private static let shortestByteCount = 15
    private static let longestTextByteCount = 107
    /// Longer ones are refused: the addresses take at most 216 bytes, and the fields have no use here but one.
    private static let longestByteCount = 16 + 2048

    /// Judges the bytes read so far.
    static func read(_ bytes: [UInt8]) -> Progress {
        if bytes.count < shortestByteCount { return .needs(shortestByteCount - bytes.count) }
        if bytes.starts(with: signature) { return binary(bytes) }
        return bytes.starts(with: "PROXY ".utf8) ? text(bytes) : .invalid
    }

    private static func text(_ bytes: [UInt8]) -> Progress {
        guard bytes.suffix(2).elementsEqual([0x0D, 0x0A]) else { return bytes.count < longestTextByteCount ? .needs(1) : .invalid }
        let words = String(decoding: bytes.dropLast(2), as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        if words.count >= 2, words[1] == "UNKNOWN" { return .complete(ProxyHeader()) }
        guard words.count == 6, let source = IPAddress(words[2]), let destination = IPAddress(words[3]), let port = UInt16(words[4]),
            UInt16(words[5]) != nil, source.isV4 == destination.isV4, words[1] == (source.isV4 ? "TCP4" : "TCP6")
        else { return .invalid }
        return .complete(ProxyHeader(client: Endpoint(address: plain(source), port: port)))
    }

    private static func binary(_ bytes: [UInt8]) -> Progress {
        guard bytes.count >= 16 else { return .needs(16 - bytes.count) }
        let byteCount = 16 + Int(bytes[14]) << 8 + Int(bytes[15])
        guard byteCount <= longestByteCount, bytes[12] == 0x20 || bytes[12] == 0x21 else { return .invalid }
        guard bytes.count >= byteCount else { return .needs(byteCount - bytes.count) }
        guard bytes[12] == 0x21 else { return .complete(ProxyHeader()) }
        let width = bytes[13] == 0x11 ? 4 : bytes[13] == 0x21 ? 16 : 0
        guard width > 0 else { return .complete(ProxyHeader()) }
        let ports = 16 + 2 * width
        guard byteCount >= ports + 4 else { return .invalid }
        let client = Endpoint(address: plain(address(bytes[16..<16 + width])), port: UInt16(bytes[ports]) << 8 | UInt16(bytes[ports + 1]))
        guard let isTLS = saysTLS(bytes[(ports + 4)...]) else { return .invalid }
        return .complete(ProxyHeader(client: client, isTLS: isTLS))
    }

    /// Looks for the field about TLS. Nil if a field is longer than the header.
    private static func saysTLS(_ fields: ArraySlice<UInt8>) -> Bool? {
        var rest = fields
        var isTLS = false
        while !rest.isEmpty {
            guard rest.count >= 3 else { return nil }
            let start = rest.startIndex
            let count = Int(rest[start + 1]) << 8 + Int(rest[start + 2])
            guard rest.count >= 3 + count else { return nil }
            if rest[start] == 0x20, count > 0 { isTLS = rest[start + 3] & 1 == 1 }
            rest = rest.dropFirst(3 + count)
        }
        return isTLS
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> IPAddress {
        let number = { (part: ArraySlice<UInt8>) in part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        if bytes.count == 4 { return .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: number(bytes)))) }
        return .v6(IPv6Address(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8))))
    }

    /// An IPv4 address written as IPv6 becomes the IPv4 address, as for connections without a proxy.
    private static func plain(_ address: IPAddress) -> IPAddress {
        if case .v6(let long) = address, let short = long.mappedIPv4 { return .v4(short) }
        return address
    }
}
