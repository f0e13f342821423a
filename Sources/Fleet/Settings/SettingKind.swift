// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// One setting: all that is special about it. Forms, pages, API, audit log, database and file follow from it; `Settings.kinds` lists them all.
protocol SettingKind: SendableMetatype {
    associatedtype Value: Hashable & Sendable

    /// Its name in forms, in the API, in the audit log and in the database. Never changed, never used again.
    static var key: String { get }
    /// What pages call it.
    static var label: Phrase { get }
    /// Where the value that holds is kept.
    static var value: SettingPath<Settings, Value> { get }
    /// Where a device keeps its own.
    static var own: SettingPath<Overrides, Setting<Value>> { get }

    /// What people type, or what `text` made: a value, or a sentence that says why not. Empty is the value that turns the feature off.
    static func read(_ text: String) -> Entry.Reading<Value>
    /// As it stands in a field, in the audit log and in the database.
    static func text(_ value: Value) -> String
    /// As it stands on a page, where an empty value says what that means.
    static func shown(_ value: Value) -> Phrase
    /// The rule that a value breaks, for defaults and devices alike; nil when it breaks none.
    static func problem(with value: Value) -> Phrase?

    /// True when the hub itself acts by it (Documentation/contract.md section 1).
    static var isEnforced: Bool { get }
    /// Where it stands in a device's file; nil when the file does not hold it.
    static var fileLine: FileLine? { get }
    /// What stands there. Nil leaves the line out. `hubPort` is the port of an endpoint that names none.
    static func fileValue(_ value: Value, hubPort: UInt16) -> String?

    /// What it is in JSON; null where the value is "left out".
    static func json(_ value: Value) -> JSON
    static var jsonForm: JSONForm { get }
    /// What a device's own "left out" is in JSON, where null means the default; nil when the setting cannot be left out.
    static var jsonOff: JSON? { get }
}

/// The way to a property, which any thread may use.
typealias SettingPath<Root, Value> = any WritableKeyPath<Root, Value> & Sendable

/// A line of a file for wg-quick.
public struct FileLine: Hashable, Sendable {
    public enum Section: Sendable {
        case interface, peer
    }

    /// Where it stands.
    public let section: Section
    /// What stands before the equals sign.
    public let name: String

    public init(_ section: Section, _ name: String) {
        self.section = section
        self.name = name
    }
}

/// What the JSON value of a setting may be.
public enum JSONForm: Sendable {
    case texts, text, number
}

extension SettingKind {
    static func problem(with value: Value) -> Phrase? { nil }
    static func fileValue(_ value: Value, hubPort: UInt16) -> String? {
        let text = text(value)
        return text.isEmpty ? nil : text
    }
    static var jsonOff: JSON? { nil }
}

/// Lists.
extension SettingKind where Value: RandomAccessCollection, Value.Element: CustomStringConvertible {
    static func text(_ value: Value) -> String { ListText.text(Array(value)) }
    static func json(_ value: Value) -> JSON { .array(value.map { .string($0.description) }) }
    static var jsonForm: JSONForm { .texts }
}
