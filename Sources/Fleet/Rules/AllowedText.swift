// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A list of allowed IPs as people write it: prefixes, names of devices, and tags as `tag:berlin`, in any mixture. Commas and line breaks
/// separate entries, and blanks separate prefixes. A name that contains a comma needs its own line.
public struct AllowedText: Sendable {
    /// One entry.
    public struct Part: Sendable {
        /// The entry as typed.
        public let text: String
        /// The devices that the entry names. Empty for a prefix.
        public let devices: [Device]
        /// The prefixes that the entry stands for: itself, or the addresses of the devices.
        public let prefixes: [IPPrefix]
    }

    /// The entries that mean something, in order.
    public private(set) var parts: [Part] = []
    /// One sentence for each entry that means nothing.
    public private(set) var errors: [Phrase] = []

    private let device: Device
    private let devices: [Device]

    /// `device` is the one that gets the list. Of the devices that the text names, only addresses of families that it has are listed.
    public init(_ text: String, of device: Device, among devices: [Device]) {
        self.device = device
        self.devices = devices
        // Most lists hold no names, and finding names needs a table of all devices.
        if add(prefixes: text) { return }
        let sides = Sides(devices)
        for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmed() }) where !line.isEmpty && !add(prefixes: line) {
            if add(line, sides) { continue }
            for entry in line.split(separator: ",").map({ $0.trimmed() }) where !entry.isEmpty && !add(prefixes: entry) && !add(entry, sides) {
                let words = Entry.list(entry)
                if words.count > 1, words.allSatisfy({ IPPrefix($0) != nil || sides.device($0) != nil || tagged($0) != nil }) {
                    for word in words where !add(prefixes: word) { _ = add(word, sides) }
                } else {
                    errors.append(Self.problem(with: entry))
                }
            }
        }
    }

    /// The prefixes of all parts. One that several parts stand for comes once, unless it was typed twice.
    public var prefixes: [IPPrefix] {
        var result: [IPPrefix] = []
        for part in parts { result += part.devices.isEmpty ? part.prefixes : part.prefixes.filter { !result.contains($0) } }
        return result
    }

    /// The devices that the text names, each once.
    public var named: [Device] {
        var seen: Set<String> = []
        return parts.flatMap(\.devices).filter { seen.insert($0.id).inserted }
    }

    /// Entries as one text that `init` reads again.
    public static func text(_ entries: [String]) -> String {
        entries.map { $0.contains(",") ? "\n\($0)\n" : $0 }.joined(separator: ", ")
    }

    /// Adds the text if all of it is prefixes. Otherwise changes nothing and returns false.
    private mutating func add(prefixes text: String) -> Bool {
        let words = Entry.list(text)
        let prefixes = words.compactMap { IPPrefix($0) }
        guard prefixes.count == words.count else { return false }
        parts += zip(words, prefixes).map { Part(text: $0, devices: [], prefixes: [$1]) }
        return true
    }

    /// Adds the name of a device or a tag. Returns false if it is neither.
    private mutating func add(_ entry: String, _ sides: Sides) -> Bool {
        if let named = sides.device(entry) {
            if named.id == device.id {
                errors.append("A device does not need to list itself. Name another one.")
            } else {
                add(entry, [named])
            }
            return true
        }
        guard let tag = tagged(entry) else { return false }
        let tagged = devices.filter { $0.tags.contains(tag) && $0.id != device.id }
        if tagged.isEmpty { errors.append("No device has the tag \(tag).") } else { add(entry, tagged) }
        return true
    }

    private mutating func add(_ entry: String, _ named: [Device]) {
        let prefixes = named.flatMap { other in
            [device.ipv4 == nil ? nil : other.ipv4, device.ipv6 == nil ? nil : other.ipv6].compactMap { $0.map(IPPrefix.init(host:)) }
        }
        if prefixes.isEmpty {
            errors.append("\(entry) and this device have no address family in common, so it cannot be listed.")
        } else {
            parts.append(Part(text: entry, devices: named, prefixes: prefixes))
        }
    }

    private func tagged(_ entry: String) -> Tag? { entry.hasPrefix("tag:") ? Tag(String(entry.dropFirst(4))) : nil }

    /// An entry that consists of the characters of addresses is meant as one.
    private static func problem(with entry: String) -> Phrase {
        let isAddress = entry.contains { ".:/".contains($0) } && entry.allSatisfy { $0.isHexDigit || ".:/".contains($0) }
        if isAddress, case .failure(let refusal) = Entry.prefixes(entry) { return refusal.message }
        return "“\(entry)” is neither the name of a device nor an address or a network."
    }
}
