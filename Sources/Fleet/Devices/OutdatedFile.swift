// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// What changed in the file of a device since the device got it, and what that means for the device.
public struct OutdatedFile: Sendable {
    /// What a device with its old file lacks, from least to most.
    public enum Consequence: Int, Comparable, CaseIterable, Sendable {
        /// Old and new file connect and reach the same devices.
        case works
        /// The device may lack routes to what it may reach now.
        case lacksRoutes
        /// The hub drops what the device sends.
        case dropped
        /// The device cannot connect again.
        case disconnected

        public static func < (a: Consequence, b: Consequence) -> Bool { a.rawValue < b.rawValue }

        /// The consequence in a few words, after a colon.
        public var words: Phrase {
            switch self {
            case .works: "works as it is"
            case .lacksRoutes: "works, but may lack routes to what is new"
            case .dropped: "connects, but the hub drops what it sends"
            case .disconnected: "will not connect again"
            }
        }
    }

    /// One part of a file that changed.
    public struct Part: Sendable {
        public let label: Phrase
        public let consequence: Consequence
    }

    /// The parts that changed, those with the worst consequence first.
    public let parts: [Part]

    /// Nil if the device has its newest file, or never got one.
    public init?(of device: Device) {
        guard device.isConfigStale else { return nil }
        let revisions = device.fileRevisions
        var parts: [Part] = []
        if device.lacks(revisions.key) { parts.append(Part(label: "Key", consequence: .disconnected)) }
        if device.lacks(revisions.presharedKey) { parts.append(Part(label: "Preshared key", consequence: .disconnected)) }
        if device.lacks(revisions.addresses) { parts.append(Part(label: "Addresses", consequence: .dropped)) }
        for name in SettingName.allCases where name.fileLine != nil && device.lacks(revisions.settings[name]) {
            parts.append(Part(label: name.label, consequence: name.consequenceOfOldValue))
        }
        // Parts with the same consequence stay in the order of the file.
        self.parts = Consequence.allCases.reversed().flatMap { consequence in parts.filter { $0.consequence == consequence } }
    }

    /// The worst consequence of all parts.
    public var consequence: Consequence { parts.first?.consequence ?? .works }

    /// The names of the parts on one line.
    public var labels: Phrase { parts.map(\.label).joined(separator: ", ") }

    /// "Endpoint, MTU changed: will not connect again."
    public var sentence: Phrase { "\(labels) changed: \(consequence.words)." }
}

extension SettingName {
    /// What a device lacks whose file has an earlier value.
    fileprivate var consequenceOfOldValue: OutdatedFile.Consequence {
        switch self {
        case .endpoint: .disconnected
        case .allowedIPs: .lacksRoutes
        default: .works
        }
    }
}
