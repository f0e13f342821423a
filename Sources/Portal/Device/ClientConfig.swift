// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The file that a device gives to `wg-quick` (contract section 4; wg(8), wg-quick(8)).
/// All values but the DNS names are typed, so none of them can hold a line break or open a section of its own.
struct ClientConfig: Sendable {
    /// Nil when the hub does not have it; the file then says where to paste it.
    var privateKey: PrivateKey?
    var addresses: [IPAddress]
    /// Servers and search domains; see `isDNSEntry`.
    var dns: [String]
    /// Bytes; nil leaves the line out.
    var mtu: Int?
    var hubKey: PublicKey
    var presharedKey: PresharedKey?
    var allowedIPs: [IPPrefix]
    /// Nil leaves the line out: the device then cannot dial the hub.
    var endpoint: HostPort?
    /// Seconds; nil or 0 leaves the line out.
    var persistentKeepalive: Int?

    /// An address or a host name, the two things that `wg-quick` takes in its DNS line.
    static func isDNSEntry(_ text: String) -> Bool {
        IPAddress(text) != nil || HostPort(text).map { $0.port == nil && !$0.host.contains(":") } ?? false
    }

    /// The file. DNS entries that are neither address nor name are left out rather than written.
    var text: String {
        var lines = ["[Interface]"]
        lines.append(privateKey.map { "PrivateKey = \($0.revealBase64())" } ?? "# PrivateKey = paste the private key of this device here")
        lines.append("Address = " + addresses.map { IPPrefix(host: $0).description }.joined(separator: ", "))
        let servers = dns.filter(Self.isDNSEntry)
        if !servers.isEmpty { lines.append("DNS = " + servers.joined(separator: ", ")) }
        if let mtu { lines.append("MTU = \(mtu)") }
        lines += ["", "[Peer]", "PublicKey = \(hubKey.base64)"]
        if let presharedKey { lines.append("PresharedKey = \(presharedKey.revealBase64())") }
        if !allowedIPs.isEmpty { lines.append("AllowedIPs = " + allowedIPs.map(\.description).joined(separator: ", ")) }
        if let endpoint { lines.append("Endpoint = \(endpoint)") }
        if let persistentKeepalive, persistentKeepalive > 0 { lines.append("PersistentKeepalive = \(persistentKeepalive)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A file name that `wg-quick` takes as interface name: at most 15 letters, digits and `_=+.-` (wg-quick(8)), else `-`.
    static func fileName(for deviceName: String) -> String {
        let safe = deviceName.utf8.prefix(64).map { byte -> UInt8 in
            let isSafe = (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || "_=+.-".utf8.contains(byte)
            return isSafe ? byte : UInt8(ascii: "-")
        }
        let name = String(decoding: safe.prefix(15), as: UTF8.self)
        return (name.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") } ? "hairpin" : name) + ".conf"
    }
}
