// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Names
import Net
import Words

/// All names that the hub answers for: its own, one for each device, and those that the admins chose.
///
/// Two devices whose names are spelled alike get a number each but the first. A device whose name is spelled like that already comes first,
/// then the one that was added earlier. So a name changes only when its device is renamed, or one of an equal spelling comes before it or goes.
public struct NameTable: Sendable {
    /// A device, as far as its name needs it.
    public struct Member: Hashable, Sendable {
        public let id: String
        public let publicKey: PublicKey
        fileprivate let name: String
        /// The label without a number.
        fileprivate let label: String
        fileprivate let addresses: [IPAddress]
        fileprivate let createdAt: UnixTime

        public init(_ device: Device) {
            (id, publicKey, name, addresses) = (device.id, device.publicKey, device.name, device.addresses)
            (label, createdAt) = (NameLabel.spell(device.name), device.createdAt)
        }

        fileprivate var isSpelledSo: Bool { name.equalsIgnoringCase(label) }
    }

    /// One name.
    public struct Entry: Sendable {
        public let label: String
        /// The device that it belongs to; nil for the hub, and for an address.
        public let device: String?
        /// What it stands for. Empty if its device has no address.
        public let addresses: [IPAddress]
        /// Whether an admin chose it.
        public let isRecord: Bool
    }

    /// The domain; nil if the hub answers for no names.
    public let domain: DomainName?
    /// The hub, then the devices, then the others.
    public let entries: [Entry]
    private let places: [String: Int]
    private let placesByLabel: [String: Int]

    /// `members` are all devices, in any order.
    public init(_ members: some Sequence<Member>, hub: Hub) {
        domain = hub.naming.domain
        let records = hub.naming.records
        var taken = Set(records.map(\.label) + [Zone.hubLabel])
        var numbers: [String: Int] = [:]
        var entries = [Entry(label: Zone.hubLabel, device: nil, addresses: hub.addresses, isRecord: false)]
        var places: [String: Int] = [:]
        for member in members.sorted(by: Self.comesFirst) {
            var label = member.label
            while !taken.insert(label).inserted {
                let number = numbers[member.label, default: 1] + 1
                numbers[member.label] = number
                label = NameLabel.spell(member.name, number: number)
            }
            places[member.id] = entries.count
            entries.append(Entry(label: label, device: member.id, addresses: member.addresses, isRecord: false))
        }
        for record in records {
            switch record.target {
            case .addresses(let addresses): entries.append(Entry(label: record.label, device: nil, addresses: addresses, isRecord: true))
            case .device(let id):
                guard let place = places[id] else { continue }
                entries.append(Entry(label: record.label, device: id, addresses: entries[place].addresses, isRecord: true))
            }
        }
        self.entries = entries
        self.places = places
        placesByLabel = Dictionary(entries.enumerated().map { ($1.label, $0) }) { first, _ in first }
    }

    private static func comesFirst(_ a: Member, _ b: Member) -> Bool {
        if a.isSpelledSo != b.isSpelledSo { return a.isSpelledSo }
        return (a.createdAt, a.id) < (b.createdAt, b.id)
    }

    /// The whole name of a device; nil if the hub answers for no names, or there is no such device.
    public func name(ofDevice id: String) -> String? { places[id].flatMap { name(entries[$0]) } }

    /// The id of the device whose name this label is; nil if it is no device's.
    public func device(labelled label: String) -> String? { placesByLabel[label].flatMap { entries[$0].device } }

    /// The whole name of an entry; nil if the hub answers for no names.
    public func name(_ entry: Entry) -> String? { domain.map { "\(entry.label).\($0)" } }

    /// The entry of a whole name, in any case and with or without a dot at the end; nil if there is none.
    public func entry(named text: String) -> Entry? {
        guard let domain, let name = DomainName(text), name.labels.count == domain.labels.count + 1,
            Array(name.labels.dropFirst()) == domain.labels
        else { return nil }
        return placesByLabel[name.labels[0]].map { entries[$0] }
    }

    /// The table for the packet loop; nil if the hub answers for no names. `serial` grows with each change.
    public func zone(serial: Int64) -> Zone? {
        domain.map { domain in
            Zone(domain: domain, names: entries.map { ZoneName(label: $0.label, addresses: $0.addresses) }, serial: serial)
        }
    }
}

extension NameTable {
    /// The names as members of a JSON object, with the settings that they come from. The API and `hairpin names` show them.
    public func jsonMembers(_ naming: Naming, deviceName: (String) -> String?) -> [(String, JSON)] {
        let records = Fleet.Entry.text(naming.records, deviceName: deviceName).split(separator: "\n").map { JSON.string(String($0)) }
        return [
            ("domain", domain.map { .string($0.description) } ?? .null), ("records", .array(records)),
            ("names", .array(domain == nil ? [] : entries.map(json))),
        ]
    }

    private func json(_ entry: Entry) -> JSON {
        [
            "name": .string(name(entry) ?? ""), "device": entry.device.map { .string($0) } ?? .null,
            "addresses": .array(entry.addresses.map { .string($0.description) }),
        ]
    }
}

extension Overview {
    /// All names. Computed once per generation, regardless of how many pages ask.
    public var names: NameTable { cache.names(of: self) }
}
