// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// A request of the configuration protocol (Documentation/protocol.md section 14; wireguard.com/xplatform).
enum UAPIRequest: Equatable {
    case get
    case set

    /// Parses all lines of a request before any of it takes effect (WG-U-9). Nil when the first line is neither `get=1` nor `set=1`.
    /// Throws `.protocolError` for a line that is not `key=value`, `.invalidArgument` for an unknown key or an invalid value (WG-U-7).
    static func parse(_ bytes: [UInt8]) throws(Errno) -> UAPIRequest? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
        switch lines.first {
        case "get=1":
            guard lines.count == 1 else { throw .protocolError }
            return .get
        case "set=1":
            var isInPeer = false
            for line in lines.dropFirst() { try check(line, isInPeer: &isInPeer) }
            return .set
        default: return nil
        }
    }

    /// Checks one line of a set request (WG-U-6). The keys of a peer follow its public key.
    private static func check(_ line: Substring, isInPeer: inout Bool) throws(Errno) {
        guard let equals = line.firstIndex(of: "=") else { throw .protocolError }
        let value = line[line.index(after: equals)...]
        let fits: Bool
        switch (line[..<equals], isInPeer) {
        case ("public_key", _):
            fits = isKey(value)
            isInPeer = true
        case ("private_key", false), ("preshared_key", true): fits = isKey(value)
        case ("listen_port", false), ("persistent_keepalive_interval", true): fits = UInt16(value) != nil
        case ("fwmark", false): fits = UInt32(value) != nil
        case ("replace_peers", false), ("remove", true), ("update_only", true), ("replace_allowed_ips", true): fits = value == "true"
        case ("endpoint", true): fits = Endpoint(String(value)) != nil
        case ("allowed_ip", true): fits = IPPrefix(String(value.first == "-" ? value.dropFirst() : value)) != nil
        case ("protocol_version", true): fits = value == "1"
        default: fits = false
        }
        guard fits else { throw .invalidArgument }
    }

    private static func isKey(_ text: Substring) -> Bool { text.utf8.count == 64 && text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit } }
}
