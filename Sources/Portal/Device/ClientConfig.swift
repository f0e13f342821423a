// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Store

/// The file that a device gives to `wg-quick` (Documentation/contract.md section 4; wg(8), wg-quick(8)).
/// Every value is typed, so none of them can hold a line break or open a section of its own.
public struct ClientConfig: Sendable {
    /// Nil when the hub does not have it; the file then says where to paste it.
    var privateKey: PrivateKey?
    var addresses: [IPAddress]
    /// What holds for the device. An endpoint without a port gets `hubPort`.
    var settings: Settings
    var hubKey: PublicKey
    var hubPort: UInt16
    var presharedKey: PresharedKey?

    /// The whole file.
    public var text: String {
        var lines = ["[Interface]"]
        lines.append(privateKey.map { "PrivateKey = \($0.revealBase64())" } ?? "# PrivateKey = paste the private key of this device here")
        lines.append("Address = " + addresses.map { IPPrefix(host: $0).description }.joined(separator: ", "))
        if !settings.dns.isEmpty { lines.append("DNS = " + settings.dns.map(\.description).joined(separator: ", ")) }
        if let mtu = settings.mtu { lines.append("MTU = \(mtu)") }
        lines += ["", "[Peer]", "PublicKey = \(hubKey.base64)"]
        if let presharedKey { lines.append("PresharedKey = \(presharedKey.revealBase64())") }
        if !settings.allowedIPs.isEmpty {
            lines.append("AllowedIPs = " + settings.allowedIPs.map(\.description).joined(separator: ", "))
        }
        if let endpoint = settings.endpoint {
            lines.append("Endpoint = \(HostPort(host: endpoint.host, port: endpoint.port ?? hubPort))")
        }
        if settings.persistentKeepalive > 0 { lines.append("PersistentKeepalive = \(settings.persistentKeepalive)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A file name that `wg-quick` takes as interface name: at most 15 letters, digits and `_=+.-` (wg-quick(8)), else `-`.
    static func fileName(for deviceName: String) -> String {
        let safe = deviceName.utf8.prefix(15).map { byte -> UInt8 in
            let isSafe = (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || "_=+.-".utf8.contains(byte)
            return isSafe ? byte : UInt8(ascii: "-")
        }
        let isBlank = safe.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        return (isBlank ? "hairpin" : String(decoding: safe, as: UTF8.self)) + ".conf"
    }
}

extension ClientConfig {
    /// The file of a device as the database has everything for it, private key included where it is kept. Throws what the database throws.
    public init(of device: Device, in transaction: ReadTransaction, hubPort: UInt16) throws {
        self.init(
            privateKey: try transaction.privateKey(ofDevice: device.id), addresses: [device.ipv4, device.ipv6].compactMap { $0 },
            settings: device.settings(over: try transaction.defaults()), hubKey: try transaction.hub().publicKey, hubPort: hubPort,
            presharedKey: try transaction.presharedKey(ofDevice: device.id))
    }
}
