// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Words

/// Merges a form with what somebody else saved after it was opened. A field that only the other person changed takes their value, and a field that only
/// the user changed keeps theirs. A field that both changed is a conflict.
///
/// For this a form carries its base: a short hash of each value that it showed when it was opened.
struct FormMerge {
    /// The hidden field with the base.
    static let field = "base"

    /// A value that is merged as a whole, such as a setting with its source.
    struct Part {
        let label: Phrase
        /// The fields of the form that hold it.
        let names: [String]
        /// The value as people read it.
        let shown: @Sendable (Inputs) -> Phrase
        /// The value for a comparison.
        let value: @Sendable (Inputs) -> String

        /// A part of one field. The entries of a list are compared, not the commas and lines between them.
        init(_ name: String, _ label: Phrase, isList: Bool = false) {
            self.init(label, [name], shown: { Phrase(verbatim: $0.text(name)) }) {
                isList ? Entry.list($0.text(name)).joined(separator: ",") : $0.text(name).replacing("\r\n", with: "\n")
            }
        }

        init(
            _ label: Phrase, _ names: [String], shown: @escaping @Sendable (Inputs) -> Phrase, value: @escaping @Sendable (Inputs) -> String
        ) {
            (self.label, self.names, self.shown, self.value) = (label, names, shown, value)
        }
    }

    /// A part that both changed, to different values.
    typealias Conflict = (label: Phrase, theirs: Phrase, yours: Phrase)

    let parts: [Part]

    /// The base of a form that shows these values.
    func base(_ shown: Inputs) -> String { parts.map { "\($0.names[0]):\(Self.hash($0.value(shown)))" }.joined(separator: " ") }

    /// Gives `inputs` the values of `saved` that only the other person changed. Returns the conflicts, in which `inputs` keeps the user's values. In a
    /// form without a base every difference is one.
    func merge(_ inputs: inout Inputs, with saved: Inputs) -> [Conflict] {
        let pairs = inputs.text(Self.field).split(separator: " ").map { $0.split(separator: ":").map(String.init) }.filter { $0.count == 2 }
        let opened = Dictionary(pairs.map { ($0[0], $0[1]) }) { $1 }
        var conflicts: [Conflict] = []
        for part in parts {
            let (theirs, yours) = (part.value(saved), part.value(inputs))
            // A form may leave fields out.
            guard part.names.contains(where: inputs.has), theirs != yours else { continue }
            switch opened[part.names[0]] {
            case Self.hash(yours): for name in part.names { inputs.set(name, saved.exact(name)) }
            case Self.hash(theirs): break
            default: conflicts.append((part.label, part.shown(saved), part.shown(inputs)))
            }
        }
        inputs.set(Self.field, base(saved))
        return conflicts
    }

    /// Twelve hexadecimal digits. Only the user who sends the form could gain from a collision, and then only in their own merge.
    private static func hash(_ text: String) -> String { Hex.encode(Array(Digest.sha256(Array(text.utf8)).prefix(6))) }
}

extension FormMerge.Part {
    /// A setting of a device, with its source.
    init(own name: SettingName) {
        let value = { @Sendable (inputs: Inputs) -> String? in inputs.text(name.source) == "custom" ? inputs.text(name.rawValue) : nil }
        self.init(
            name.label, [name.source, name.rawValue],
            shown: { inputs in
                value(inputs).map { $0.isEmpty ? "own value, empty" : Phrase(verbatim: $0) } ?? "default"
            }
        ) { inputs in value(inputs).map { "custom " + Entry.list($0).joined(separator: ",") } ?? "default" }
    }
}
