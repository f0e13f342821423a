// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Names
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
    /// The hub's own addresses, and the domain of its names; nil if it answers for none. A `DNS` setting of `hub` stands for them.
    public var hubAddresses: [IPAddress]
    public var domain: DomainName?

    public init(
        privateKey: PrivateKey?, addresses: [IPAddress], settings: Settings, hubKey: PublicKey, hubPort: UInt16, presharedKey: PresharedKey?,
        hubAddresses: [IPAddress] = [], domain: DomainName? = nil
    ) {
        self.privateKey = privateKey
        self.addresses = addresses
        self.settings = settings
        self.hubKey = hubKey
        self.hubPort = hubPort
        self.presharedKey = presharedKey
        self.hubAddresses = hubAddresses
        self.domain = domain
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
        let reached = hubAddresses.filter { address in addresses.isEmpty || addresses.contains { $0.isV4 == address.isV4 } }
        let place = FilePlace(hubPort: hubPort, hubAddresses: reached, domain: domain)
        return SettingName.allCases.compactMap { name in
            guard let line = name.fileLine, line.section == section else { return nil }
            return name.fileValue(in: settings, for: place).map { "\(line.name) = \($0)" }
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

    /// A file name that `wg-quick` accepts as interface name: at most 15 letters, digits and `_=+.-` (wg-quick(8)). Accents are left out, other
    /// characters become `-`. Does not begin with `-`, which programs take for an option, or with `.`, which hides a file.
    public static func fileName(for deviceName: String) -> String {
        let isMark = { (byte: UInt8) in byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") }
        var safe: [UInt8] = []
        for scalar in FoldedName.decomposed(deviceName) where scalar.properties.generalCategory != .nonspacingMark {
            let byte = scalar.isASCII ? UInt8(scalar.value) : UInt8(ascii: "-")
            let isSafe = (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || "_=+.-".utf8.contains(byte)
            // One dash for a whole word of another script.
            if scalar.isASCII || safe.last != UInt8(ascii: "-") { safe.append(isSafe ? byte : UInt8(ascii: "-")) }
        }
        let name = safe.drop(while: isMark).prefix(15)
        return (name.isEmpty ? "hairpin" : String(decoding: name, as: UTF8.self)) + ".conf"
    }

    /// The device's whole name as a file name, for people. Nil if it is the same as `fileName`, or differs only in blanks and accents.
    public static func fullFileName(for deviceName: String) -> String? {
        let hasOther = FoldedName.decomposed(deviceName).contains { !$0.isASCII && $0.properties.generalCategory != .nonspacingMark }
        guard hasOther else { return nil }
        let name = String(deviceName.unicodeScalars.map { $0 == "/" || $0 == "\\" ? "-" : Character($0) }).drop { $0 == "." || $0 == "-" }
        return name.isEmpty ? nil : name + ".conf"
    }
}

extension ClientConfig {
    /// File names in one folder: the device's name, plus a number if the name is taken.
    public struct FileNames: Sendable {
        private var taken: Set<String> = []

        public init() {}

        /// A name that no earlier call returned, even if upper and lower case are the same.
        public mutating func next(for deviceName: String) -> String {
            var name = fileName(for: deviceName)
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                let mark = "-\(number)"
                name = fileName(for: fileName(for: deviceName).dropLast(5).prefix(15 - mark.utf8.count) + mark)
                number += 1
            }
            return name
        }
    }
}
