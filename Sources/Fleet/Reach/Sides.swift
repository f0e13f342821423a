// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Finds devices from text: by name, by id, by `tag:field` for all devices with that tag, or by `all` for every device.
public struct Sides: Sendable {
    /// No name is longer, even with blanks around it.
    private static let maximumNameBytes = 300

    private let devices: [Device]

    /// `devices` must be sorted by name, as everywhere.
    public init(_ devices: [Device]) { self.devices = devices }

    /// Reads entries separated by commas or line breaks. Returns each device once. A name may contain commas: of several readings, the longest
    /// name of a device wins.
    public func read(_ text: String) -> Entry.Reading<[Device]> {
        var found: [Device] = []
        for line in text.split(whereSeparator: \.isNewline) {
            var parts = line.split(separator: ",", omittingEmptySubsequences: false)[...]
            while let first = parts.first {
                if let (device, count) = longestName(parts) {
                    found.append(device)
                    parts = parts.dropFirst(count)
                    continue
                }
                parts = parts.dropFirst()
                let entry = first.trimmed()
                guard !entry.isEmpty else { continue }
                switch devices(of: entry) {
                case .success(let more): found += more
                case .failure(let refusal): return .failure(refusal)
                }
            }
        }
        var seen: Set<String> = []
        return .success(found.filter { seen.insert($0.id).inserted })
    }

    /// The device with the longest name that the first of these parts form together, and how many parts that are.
    private func longestName(_ parts: ArraySlice<Substring>) -> (Device, Int)? {
        var (name, best): (String, (Device, Int)?) = ("", nil)
        for (number, part) in zip(1..., parts) {
            name += (number == 1 ? "" : ",") + part
            guard name.utf8.count <= Self.maximumNameBytes else { break }
            if let device = named(name.trimmed()) { best = (device, number) }
        }
        return best
    }

    /// One device, by name (ignoring case) or by id.
    public func device(_ entry: String) -> Device? { named(entry) ?? devices.first { $0.id == entry } }

    private func named(_ name: String) -> Device? {
        let place = devices.place(ofName: name)
        if place < devices.count, FoldedName.of(devices[place].name) == FoldedName.of(name) { return devices[place] }
        return nil
    }

    private func devices(of entry: String) -> Entry.Reading<[Device]> {
        if let device = device(entry) { return .success([device]) }
        if entry == "all" { return .success(devices) }
        guard entry.hasPrefix("tag:") else {
            return .failure(Entry.Refusal(message: "There is no device “\(entry)”. Write a name, tag:word for all with a tag, or all."))
        }
        guard let tag = Tag(String(entry.dropFirst(4))) else { return .failure(Entry.Refusal(message: "“\(entry)” is not a valid tag.")) }
        let tagged = devices.filter { $0.tags.contains(tag) }
        return tagged.isEmpty ? .failure(Entry.Refusal(message: "No device has the tag \(tag).")) : .success(tagged)
    }
}
