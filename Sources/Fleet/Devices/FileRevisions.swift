// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The generation that changed each of the settings last.
public struct SettingRevisions: Hashable, Sendable {
    /// By `SettingName.place`.
    private var revisions: [Int64]

    /// All in one generation.
    public init(all generation: Int64) { revisions = [Int64](repeating: generation, count: SettingName.allCases.count) }

    /// The generation that changed this one last.
    public subscript(name: SettingName) -> Int64 {
        get { revisions[name.place] }
        set { revisions[name.place] = newValue }
    }

    private static let inFile = SettingName.allCases.filter { $0.fileLine != nil }.map(\.place)

    /// The greatest of those that stand in a device's file.
    public var newestInFile: Int64 { Self.inFile.reduce(0) { max($0, revisions[$1]) } }

    /// Those of a device whose own they are: a setting that follows its default is as new as the default.
    public func following(_ defaults: SettingRevisions, where overrides: Overrides) -> SettingRevisions {
        var result = self
        for name in SettingName.allCases where defaults[name] > self[name] && name.isInherited(in: overrides) { result[name] = defaults[name] }
        return result
    }

    /// With `generation` for each setting that differs.
    public func changed(from old: Settings, to new: Settings, in generation: Int64) -> SettingRevisions {
        var result = self
        for name in SettingName.allCases where name.differs(old, new) { result[name] = generation }
        return result
    }
}

/// The generation that changed each part of a device's file last: by itself or by a default it follows.
public struct FileRevisions: Hashable, Sendable {
    /// The device's own addresses.
    public var addresses: Int64
    /// Its pair of keys.
    public var key: Int64
    /// Its preshared key.
    public var presharedKey: Int64
    /// Its settings.
    public var settings: SettingRevisions

    /// The revision of the file as a whole.
    public var newest: Int64 { max(addresses, key, presharedKey, settings.newestInFile) }

    /// All in one generation, as for a device that is new.
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
