// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Options as text: from the command line, else from the environment, else a default. What does not parse ends with 64 and says what would.
enum OptionValue {
    /// The text of an option and where it came from, for messages; nil when it is given nowhere.
    static func text(_ given: String?, _ name: String) -> (value: String, source: String)? {
        if let given { return (given, "--\(name)") }
        let variable = "HAIRPIN_" + name.uppercased().replacing("-", with: "_")
        return ProcessEnvironment.value(variable).map { ($0, variable) }
    }

    /// The value of an option, `fallback` when it is given nowhere. Throws a usage failure that names `example`.
    static func parse<Value>(
        _ given: String?, _ name: String, example: String, fallback: Value, _ read: (String) -> Value?
    ) throws -> Value {
        guard let (value, source) = text(given, name) else { return fallback }
        guard let parsed = read(value) else { throw Failure.usage("\(source): “\(value)” is not valid. Example: \(example).") }
        return parsed
    }

    /// The same for an option without a default: nil when it is given nowhere, and only then.
    static func parse<Value>(_ given: String?, _ name: String, example: String, _ read: (String) -> Value?) throws -> Value? {
        try parse(given, name, example: example, fallback: Value?.none) { text in read(text).map(Optional.some) }
    }

    /// The values of an option that may be given several times; in the environment, and in one value, they stand with commas between.
    static func list<Value>(_ given: [String], _ name: String, example: String, _ read: (String) -> Value?) throws -> [Value] {
        let texts = given.isEmpty ? text(nil, name).map { [$0.value] } ?? [] : given
        return try texts.flatMap { $0.split(separator: ",") }.map { text in
            guard let value = read(String(text)) else {
                throw Failure.usage("--\(name): “\(text)” is not valid. Example: \(example).")
            }
            return value
        }
    }

    /// An address and port to listen on; `localhost` is the loopback address.
    static func listen(_ text: String) -> Endpoint? {
        Endpoint(text.hasPrefix("localhost:") ? "127.0.0.1" + text.dropFirst("localhost".count) : text)
    }
}
