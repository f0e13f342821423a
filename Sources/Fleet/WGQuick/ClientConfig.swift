// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A device's file for `wg-quick` (Documentation/contract.md section 4; wg(8), wg-quick(8)). All values are typed, so none can contain a
/// line break or open a section.
public struct ClientConfig: Sendable {
    /// Nil if the hub does not store it. The file then says where to paste the key.
    public var privateKey: PrivateKey?
    public var addresses: [IPAddress]
    /// The device's effective settings. An endpoint without a port gets `hubPort`.
    public var settings: Settings
    public var hubKey: PublicKey
    public var hubPort: UInt16
    public var presharedKey: PresharedKey?

    public init(privateKey: PrivateKey?, addresses: [IPAddress], settings: Settings, hubKey: PublicKey, hubPort: UInt16, presharedKey: PresharedKey?)
    {
        self.privateKey = privateKey
        self.addresses = addresses
        self.settings = settings
        self.hubKey = hubKey
        self.hubPort = hubPort
        self.presharedKey = presharedKey
    }

    /// The whole file.
    public var text: String {
        var lines = ["[Interface]"]
        lines.append(privateKey.map { "PrivateKey = \($0.revealBase64())" } ?? "# PrivateKey = paste the private key of this device here")
        if !addresses.isEmpty { lines.append("Address = " + addresses.map { IPPrefix(host: $0).description }.joined(separator: ", ")) }
        lines += settingLines(of: .interface)
        lines += ["", "[Peer]", "PublicKey = \(hubKey.base64)"]
        if let presharedKey { lines.append("PresharedKey = \(presharedKey.revealBase64())") }
        lines += settingLines(of: .peer)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines of one section, sorted by name.
    private func settingLines(of section: FileLine.Section) -> [String] {
        let settings = usableSettings
        return SettingName.allCases.compactMap { name in
            guard let line = name.fileLine, line.section == section else { return nil }
            return name.fileValue(in: settings, hubPort: hubPort).map { "\(line.name) = \($0)" }
        }.sorted()
    }

    /// The settings without allowed IPs of a family in which the device has no address. `wg-quick` would add routes for them, which fails on
    /// hosts without IPv6. A device without any address keeps them all.
    private var usableSettings: Settings {
        guard !addresses.isEmpty else { return settings }
        var usable = settings
        usable.allowedIPs.removeAll { range in !addresses.contains { $0.isV4 == range.address.isV4 } }
        return usable
    }

    /// A file name that `wg-quick` accepts as interface name: at most 15 letters, digits and `_=+.-` (wg-quick(8)). Other characters become
    /// `-`.
    public static func fileName(for deviceName: String) -> String {
        let safe = deviceName.utf8.prefix(15).map { byte -> UInt8 in
            let isSafe = (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || "_=+.-".utf8.contains(byte)
            return isSafe ? byte : UInt8(ascii: "-")
        }
        let isBlank = safe.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        return (isBlank ? "hairpin" : String(decoding: safe, as: UTF8.self)) + ".conf"
    }
}
