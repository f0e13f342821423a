// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Why a template cannot be used. Every mistake is found when the templates are loaded.
public enum TemplateError: Error, Equatable, CustomStringConvertible {
    /// The start of a tag. Line and column count from 1; columns are bytes.
    public struct Place: Sendable, Equatable, CustomStringConvertible {
        /// The file's name, and a line and a column of it.
        public let file: String
        public let line: Int
        public let column: Int
        public var description: String { "\(file):\(line):\(column)" }
    }

    case unclosedTag(Place)
    case badTag(String, Place)
    case unclosedSection(String, Place)
    case unexpectedClose(String, Place)
    case missingTemplate(String, Place)
    case includesItself(String, Place)
    case unknownBlock(String, Place)
    case unknownName(String, Place)
    case missingPage(String)
    case missingAsset(String)
    case wrongKind(String, Place)

    public var description: String {
        switch self {
        case .unclosedTag(let place): "\(place): a tag is opened here and not closed. Add }}."
        case .badTag(let tag, let place): "\(place): {{\(tag)}} is not a tag. Names are lower-case letters, digits and _, joined by dots."
        case .unclosedSection(let name, let place): "\(place): the section \(name) is not closed. Add {{/\(name)}}."
        case .unexpectedClose(let name, let place): "\(place): {{/\(name)}} closes nothing that is open here."
        case .missingTemplate(let name, let place): "\(place): there is no template \(name).html in Templates."
        case .includesItself(let name, let place): "\(place): the template \(name) includes itself."
        case .unknownBlock(let name, let place): "\(place): the layout has no block \(name)."
        case .unknownName(let name, let place): "\(place): the page declares no value \(name)."
        case .missingPage(let name): "The page \(name) is missing in Templates. Is --root right?"
        case .missingAsset(let name): "The file \(name) is missing in Public. Is --root right?"
        case .wrongKind(let name, let place): "\(place): the value \(name) is not a text."
        }
    }
}
