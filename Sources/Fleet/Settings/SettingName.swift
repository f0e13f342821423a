// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// One setting, independent of its value type. Forms, pages, the API and the database iterate over all settings with it.
public struct SettingName: Hashable, RawRepresentable, CaseIterable, Sendable {
    /// All settings, in the order of the pages.
    public static let allCases = Settings.kinds.enumerated().map { SettingName(place: $0, kind: $1) }

    /// The index in `allCases`.
    public let place: Int
    private let kind: any SettingKind.Type

    private init(place: Int, kind: any SettingKind.Type) {
        self.place = place
        self.kind = kind
    }

    init(_ kind: any SettingKind.Type) { self = Self.allCases.first { $0.kind == kind }! }

    /// Finds a setting by its key; nil if there is none.
    public init?(rawValue: String) {
        guard let name = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = name
    }

    public static func == (a: SettingName, b: SettingName) -> Bool { a.place == b.place }
    public func hash(into hasher: inout Hasher) { hasher.combine(place) }

    /// The key. The following members are documented in `SettingKind`.
    public var rawValue: String { kind.key }
    public var label: Phrase { kind.label }
    public var isEnforced: Bool { kind.isEnforced }
    public var fileLine: FileLine? { kind.fileLine }
    public var jsonForm: JSONForm { kind.jsonForm }
    public var jsonOff: JSON? { kind.jsonOff }

    /// The value as text for a form.
    public func text(in settings: Settings) -> String { kind.text(in: settings) }
    /// The value as shown on a page. An empty value is shown as its meaning.
    public func shown(in settings: Settings) -> Phrase { kind.shown(in: settings) }
    public func json(in settings: Settings) -> JSON { kind.json(in: settings) }
    /// Parses `text` and sets the value. If it is not valid, changes nothing and returns the error.
    public func read(_ text: String, into settings: inout Settings) -> Entry.Refusal? { kind.read(text, into: &settings) }
    public func differs(_ a: Settings, _ b: Settings) -> Bool { kind.differs(a, b) }
    /// The value in a device's file; nil if the line is omitted.
    public func fileValue(in settings: Settings, for place: FilePlace) -> String? { kind.fileValue(in: settings, for: place) }

    /// True if the device follows the default.
    public func isInherited(in overrides: Overrides) -> Bool { kind.isInherited(in: overrides) }
    /// Removes the device's own value, so that it follows the default.
    public func inherit(in overrides: inout Overrides) { kind.inherit(in: &overrides) }
    /// The device's own value as text for a form; nil if it follows the default.
    public func text(in overrides: Overrides) -> String? { kind.text(in: overrides) }
    /// The device's own value in JSON; null if it follows the default.
    public func json(in overrides: Overrides) -> JSON { kind.json(in: overrides) }
    /// Parses `text` and sets the device's own value. If it is not valid, changes nothing and returns the error.
    public func read(_ text: String, into overrides: inout Overrides) -> Entry.Refusal? { kind.read(text, into: &overrides) }
    /// The rule that the device's own value breaks; nil if it is valid.
    public func problem(in overrides: Overrides) -> Phrase? { kind.problem(in: overrides) }
    /// Copies the own value of `other`, or its absence.
    public func copy(_ other: Overrides, into overrides: inout Overrides) { kind.copy(other, into: &overrides) }
    public func differs(_ a: Overrides, _ b: Overrides) -> Bool { kind.differs(a, b) }

    /// Replaces the value in `settings` with the device's own value, if it has one.
    func put(_ overrides: Overrides, over settings: inout Settings) { kind.put(overrides, over: &settings) }
    /// Makes the value in `settings` the device's own.
    func own(_ settings: Settings, in overrides: inout Overrides) { kind.own(settings, in: &overrides) }
}

// The implementation of `SettingName`, with the type of the value.
extension SettingKind {
    fileprivate static func text(in settings: Settings) -> String { text(settings[keyPath: value]) }
    fileprivate static func shown(in settings: Settings) -> Phrase { shown(settings[keyPath: value]) }
    fileprivate static func json(in settings: Settings) -> JSON { json(settings[keyPath: value]) }
    fileprivate static func fileValue(in settings: Settings, for place: FilePlace) -> String? {
        fileValue(settings[keyPath: value], for: place)
    }
    fileprivate static func differs(_ a: Settings, _ b: Settings) -> Bool { a[keyPath: value] != b[keyPath: value] }

    fileprivate static func read(_ text: String, into settings: inout Settings) -> Entry.Refusal? {
        take(text) { settings[keyPath: value] = $0 }
    }

    fileprivate static func isInherited(in overrides: Overrides) -> Bool { overrides[keyPath: own].isInherited }
    fileprivate static func inherit(in overrides: inout Overrides) { overrides[keyPath: own] = .inherit }
    fileprivate static func text(in overrides: Overrides) -> String? { overrides[keyPath: own].own.map(text) }
    fileprivate static func differs(_ a: Overrides, _ b: Overrides) -> Bool { a[keyPath: own] != b[keyPath: own] }
    fileprivate static func problem(in overrides: Overrides) -> Phrase? { overrides[keyPath: own].own.flatMap(problem) }

    fileprivate static func json(in overrides: Overrides) -> JSON {
        guard case .own(let value) = overrides[keyPath: own] else { return .null }
        let json = json(value)
        return json.isNull ? jsonOff ?? .null : json
    }

    fileprivate static func read(_ text: String, into overrides: inout Overrides) -> Entry.Refusal? {
        take(text) { overrides[keyPath: own] = .own($0) }
    }

    fileprivate static func copy(_ other: Overrides, into overrides: inout Overrides) { overrides[keyPath: own] = other[keyPath: own] }

    fileprivate static func put(_ overrides: Overrides, over settings: inout Settings) {
        if case .own(let value) = overrides[keyPath: own] { settings[keyPath: Self.value] = value }
    }

    fileprivate static func own(_ settings: Settings, in overrides: inout Overrides) { overrides[keyPath: own] = .own(settings[keyPath: value]) }

    private static func take(_ text: String, _ keep: (Value) -> Void) -> Entry.Refusal? {
        switch read(text) {
        case .success(let value):
            keep(value)
            return nil
        case .failure(let refusal): return refusal
        }
    }
}
