// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Net

/// Parses options from the command line, otherwise from the environment, otherwise from a default. An invalid value exits with status 64
/// and shows an example.
enum OptionValue {
    /// The text of an option and its source, for messages. Nil if it is not set.
    static func text(_ given: String?, _ name: String) -> (value: String, source: String)? {
        if let given { return (given, "--\(name)") }
        let variable = "HAIRPIN_" + name.uppercased().replacing("-", with: "_")
        return ProcessEnvironment.value(variable).map { ($0, variable) }
    }

    /// The value of an option, or `fallback` if it is not set. Throws a usage failure that contains `example`.
    static func parse<Value>(
        _ given: String?, _ name: String, example: String, fallback: Value, _ read: (String) -> Value?
    ) throws -> Value {
        guard let (value, source) = text(given, name) else { return fallback }
        guard let parsed = read(value) else { throw Failure.usage("\(source): “\(value)” is not valid. Example: \(example).") }
        return parsed
    }

    /// The value of an option without a default; nil only if it is not set. Throws a usage failure that contains `example`.
    static func parse<Value>(_ given: String?, _ name: String, example: String, _ read: (String) -> Value?) throws -> Value? {
        try parse(given, name, example: example, fallback: Value?.none) { text in read(text).map(Optional.some) }
    }

    /// The values of an option that may be repeated. In the environment and within one argument, commas separate the values.
    static func list<Value>(_ given: [String], _ name: String, example: String, _ read: (String) -> Value?) throws -> [Value] {
        let texts = given.isEmpty ? text(nil, name).map { [$0.value] } ?? [] : given
        return try texts.flatMap { $0.split(separator: ",") }.map { text in
            guard let value = read(String(text)) else {
                throw Failure.usage("--\(name): “\(text)” is not valid. Example: \(example).")
            }
            return value
        }
    }

    /// Parses an address and port to listen on. `localhost` means the loopback address.
    static func listen(_ text: String) -> Endpoint? {
        guard case .tcp(let endpoint)? = ListenAddress(text) else { return nil }
        return endpoint
    }
}
