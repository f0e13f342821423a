// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Synchronization
import Words

/// The texts that searches look through, folded once for each revision of a device instead of once for each search.
/// Thread rule: any thread; one lock, held while texts are made.
final class DeviceSearch: Sendable {
    private struct Entry {
        let id: String
        let revision: Int64
        let text: [UInt8]
    }

    private struct Content {
        let index: DeviceIndex
        /// In the order of the index.
        let entries: [Entry]
    }

    private let latest = Mutex<Content?>(nil)

    /// One value for each device of `index`, in order: true if its name, description, key, a tag, an address or a route contains `text`.
    func matches(_ text: FoldedText, in index: DeviceIndex) -> [Bool] {
        entries(of: index).map { text.isPart(of: $0.text) }
    }

    private func entries(of index: DeviceIndex) -> [Entry] {
        latest.withLock { latest in
            if let latest, latest.index === index { return latest.entries }
            let known = Dictionary(uniqueKeysWithValues: (latest?.entries ?? []).map { ($0.id, $0) })
            let entries = index.devices.map { device in
                if let entry = known[device.id], entry.revision == device.revision { return entry }
                return Entry(id: device.id, revision: device.revision, text: Self.text(of: device))
            }
            latest = Content(index: index, entries: entries)
            return entries
        }
    }

    /// A zero byte, which nobody types, separates the texts so that a match cannot span two of them.
    private static func text(of device: Device) -> [UInt8] {
        let texts =
            [device.name, device.description, device.publicKey.base64] + device.tags.map(\.description) + device.ownedPrefixes.map(\.description)
        return Array(texts.map(FoldedText.fold).joined(separator: [0]))
    }
}
