// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// For each setting, the generation that last changed it.
public struct SettingRevisions: Hashable, Sendable {
    /// Indexed by `SettingName.place`.
    private var revisions: [Int64]

    /// Sets all settings to one generation.
    public init(all generation: Int64) { revisions = [Int64](repeating: generation, count: SettingName.allCases.count) }

    /// The generation that last changed this setting.
    public subscript(name: SettingName) -> Int64 {
        get { revisions[name.place] }
        set { revisions[name.place] = newValue }
    }

    private static let inFile = SettingName.allCases.filter { $0.fileLine != nil }.map(\.place)

    /// The newest revision of the settings that appear in a device's file.
    public var newestInFile: Int64 { Self.inFile.reduce(0) { max($0, revisions[$1]) } }

    /// Converts a device's own revisions to effective ones: an inherited setting is at least as new as its default.
    public func following(_ defaults: SettingRevisions, where overrides: Overrides) -> SettingRevisions {
        var result = self
        for name in SettingName.allCases where defaults[name] > self[name] && name.isInherited(in: overrides) { result[name] = defaults[name] }
        return result
    }

    /// A copy with `generation` for each setting that differs.
    public func changed(from old: Settings, to new: Settings, in generation: Int64) -> SettingRevisions {
        var result = self
        for name in SettingName.allCases where name.differs(old, new) { result[name] = generation }
        return result
    }
}

/// For each part of a device's file, the generation that last changed it, on the device or through an inherited default.
public struct FileRevisions: Hashable, Sendable {
    /// The device's own addresses.
    public var addresses: Int64
    /// Its key pair.
    public var key: Int64
    /// Its preshared key.
    public var presharedKey: Int64
    /// Its settings.
    public var settings: SettingRevisions

    /// The revision of the whole file.
    public var newest: Int64 { max(addresses, key, presharedKey, settings.newestInFile) }

    /// True if the device had another key before. False also if its addresses and its preshared key were both changed after the key, because
    /// nothing then shows how old the device is.
    public var isKeyReplaced: Bool { key > min(addresses, presharedKey) }

    /// Sets all parts to one generation, as for a new device.
    public init(all generation: Int64) {
        self.init(addresses: generation, key: generation, presharedKey: generation, settings: SettingRevisions(all: generation))
    }

    public init(addresses: Int64, key: Int64, presharedKey: Int64, settings: SettingRevisions) {
        self.addresses = addresses
        self.key = key
        self.presharedKey = presharedKey
        self.settings = settings
    }
}
