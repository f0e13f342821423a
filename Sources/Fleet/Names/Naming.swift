// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Words

/// Which names the hub answers for: a domain, under which each device has a name, and further names that the admins chose.
public struct Naming: Hashable, Sendable {
    /// The domain of a new hub. Nobody can register a name under `internal`: it is kept for private networks.
    public static let usualDomain = DomainName("hairpin.internal")!
    /// A longer list is most likely a mistake.
    public static let maximumRecords = 1000
    /// Domains with a meaning of their own: one is for mDNS (RFC 6762), `arpa` is for addresses, the others never have answers (RFC 6761, RFC
    /// 7686).
    private static let reserved = ["local", "arpa", "localhost", "invalid", "onion"]

    /// The domain; nil if the hub answers for no names.
    public var domain: DomainName?
    /// The names besides those of devices.
    public var records: [NameRecord]

    public init(domain: DomainName? = usualDomain, records: [NameRecord] = []) {
        self.domain = domain
        self.records = records
    }

    /// What breaks a rule, for the fields `domain` and `records`.
    public var errors: [FieldError] {
        var errors: [FieldError] = []
        if let domain, let top = domain.labels.last, Self.reserved.contains(top) {
            errors.append(FieldError("domain", "Names under \(top) have a meaning of their own. Choose a domain such as \(Self.usualDomain)."))
        }
        if let domain, domain.description.utf8.count > DomainName.maximumByteCount - 2 - 1 - DomainName.maximumLabelByteCount {
            errors.append(FieldError("domain", "The domain is too long: there is no room for a name in front of it."))
        }
        if records.count > Self.maximumRecords {
            errors.append(FieldError("records", "There are \(records.count) names. Give at most \(Self.maximumRecords)."))
        }
        var seen: Set<String> = [Zone.hubLabel]
        for record in records where !seen.insert(record.label).inserted {
            errors.append(
                FieldError(
                    "records",
                    record.label == Zone.hubLabel ? "\(record.label) is the name of the hub. Choose another." : "\(record.label) is there twice."))
        }
        for record in records {
            guard case .addresses(let addresses) = record.target else { continue }
            if let address = addresses.first(where: { !$0.isHost }) {
                errors.append(FieldError("records", "\(record.label): \(address) is not the address of a machine."))
            }
            if addresses.count(where: { $0.isV4 }) > 1 || addresses.count(where: { !$0.isV4 }) > 1 {
                errors.append(FieldError("records", "\(record.label) has two addresses of one family. Give at most one IPv4 and one IPv6 address."))
            }
        }
        return errors
    }
}

/// A name that an admin chose: another name for a device, or a name for an address behind one.
public struct NameRecord: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        /// The device with this id.
        case device(String)
        /// At most one of each family.
        case addresses([IPAddress])
    }

    /// In lower case.
    public var label: String
    public var target: Target

    public init(label: String, target: Target) {
        self.label = label
        self.target = target
    }
}

/// The form in the database and the audit log, without commas and blanks: `cloud=device/0123456789abcdef`, `printer=192.168.7.20+fd07::20`.
extension NameRecord: LosslessStringConvertible {
    private static let devicePrefix = "device/"

    public var description: String {
        switch target {
        case .device(let id): "\(label)=\(Self.devicePrefix)\(id)"
        case .addresses(let addresses): "\(label)=\(addresses.map(\.description).joined(separator: "+"))"
        }
    }

    /// Parses what `description` prints; nil for any other text.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, DomainName.isLabel(parts[0]), parts[0] == parts[0].lowercased() else { return nil }
        label = parts[0]
        if parts[1].hasPrefix(Self.devicePrefix) {
            target = .device(String(parts[1].dropFirst(Self.devicePrefix.count)))
        } else {
            let texts = parts[1].split(separator: "+", omittingEmptySubsequences: false)
            let addresses = texts.compactMap { IPAddress($0) }
            guard addresses.count == texts.count else { return nil }
            target = .addresses(addresses)
        }
    }
}

extension IPAddress {
    /// Whether one machine of a network can have it.
    fileprivate var isHost: Bool { !isUnspecified && !isLoopback && !isMulticast && self != .v4(IPv4Address(bits: ~0)) }
}
