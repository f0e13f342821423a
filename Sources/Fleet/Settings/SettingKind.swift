// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Words

/// Everything that is specific to one setting. Forms, pages, API, audit log, database and file are derived from it. `Settings.kinds` lists
/// all settings.
protocol SettingKind: SendableMetatype {
    associatedtype Value: Hashable & Sendable

    /// The name in forms, the API, the audit log and the database. Must never be changed or reused.
    static var key: String { get }
    /// The name shown on pages.
    static var label: Phrase { get }
    /// The property of the effective value.
    static var value: SettingPath<Settings, Value> { get }
    /// The property of a device's own value.
    static var own: SettingPath<Overrides, Setting<Value>> { get }

    /// Parses user input or the result of `text`. Returns a value or an error message. Empty text gives the value that turns the feature
    /// off.
    static func read(_ text: String) -> Entry.Reading<Value>
    /// The value as text for forms, the audit log and the database.
    static func text(_ value: Value) -> String
    /// The value as shown on a page. An empty value is shown as its meaning.
    static func shown(_ value: Value) -> Phrase
    /// The rule that a value breaks, on a device or in the defaults; nil if it is valid.
    static func problem(with value: Value) -> Phrase?

    /// True if the hub itself enforces the setting (Documentation/contract.md section 1).
    static var isEnforced: Bool { get }
    /// The line in a device's file; nil if the file does not contain the setting.
    static var fileLine: FileLine? { get }
    /// The value in the file of a device. Nil omits the line.
    static func fileValue(_ value: Value, for place: FilePlace) -> String?

    /// The value in JSON. Null means that the line is omitted.
    static func json(_ value: Value) -> JSON
    static var jsonForm: JSONForm { get }
    /// The JSON form of a device's own empty value, since null means the default there. Nil if the setting cannot be empty.
    static var jsonOff: JSON? { get }
}

/// A key path to a property, usable from any thread.
typealias SettingPath<Root, Value> = any WritableKeyPath<Root, Value> & Sendable

/// A line in a wg-quick file.
public struct FileLine: Hashable, Sendable {
    public enum Section: Sendable {
        case interface, peer
    }

    /// The section that contains the line.
    public let section: Section
    /// The name before the equals sign.
    public let name: String

    public init(_ section: Section, _ name: String) {
        self.section = section
        self.name = name
    }
}

/// What the lines of a file take from the hub.
public struct FilePlace: Hashable, Sendable {
    /// The port for an endpoint without one.
    public let hubPort: UInt16
    /// The hub's own addresses of the families that the device has.
    public let hubAddresses: [IPAddress]
    /// The domain of the hub's names; nil if it answers for none.
    public let domain: DomainName?

    public init(hubPort: UInt16, hubAddresses: [IPAddress], domain: DomainName?) {
        self.hubPort = hubPort
        self.hubAddresses = hubAddresses
        self.domain = domain
    }
}

/// The forms that a setting's JSON value may have.
public enum JSONForm: Sendable {
    case texts, text, number
}

extension SettingKind {
    static func problem(with value: Value) -> Phrase? { nil }
    static func fileValue(_ value: Value, for place: FilePlace) -> String? {
        let text = text(value)
        return text.isEmpty ? nil : text
    }
    static var jsonOff: JSON? { nil }
}

/// The implementation for lists.
extension SettingKind where Value: RandomAccessCollection, Value.Element: CustomStringConvertible {
    static func text(_ value: Value) -> String { ListText.text(Array(value)) }
    static func json(_ value: Value) -> JSON { .array(value.map { .string($0.description) }) }
    static var jsonForm: JSONForm { .texts }
}
