// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net

/// The members of a request body as the fields of the matching form, so that pages and API have one validation.
enum APIInputs {
    /// Null stands for the default in the five settings, and for empty elsewhere. Throws 400 for a member that is not in `names` and for a
    /// value that no field can hold.
    static func read(_ json: JSON, names: Set<String>) throws(HTTPError) -> Inputs {
        guard let members = json.members else { throw HTTPError(.badRequest, "The body must be a JSON object.") }
        var values: [String: String] = [:]
        for (name, value) in members {
            guard names.contains(name) else { throw HTTPError(.badRequest, "There is no member “\(name.prefix(64))” here.") }
            guard let text = text(value) else {
                throw HTTPError(.badRequest, "The member “\(name)” must be a text, a number, a boolean, null, or a list of texts.")
            }
            values[name] = text == "0" && name == SettingName.mtu.rawValue ? "" : text
            if SettingName(rawValue: name) != nil { values[name + "_source"] = value.isNull ? "default" : "custom" }
        }
        return Inputs(values)
    }

    private static func text(_ value: JSON) -> String? {
        switch value {
        case .null: return ""
        case .bool(let flag): return flag ? "on" : "off"
        case .integer(let number): return String(number)
        case .string(let text): return text
        case .array(let values):
            let texts = values.compactMap(\.string)
            // A separator inside an entry would make two of it.
            guard texts.count == values.count, texts.allSatisfy({ Entry.list($0) == [$0] }) else { return nil }
            return texts.joined(separator: ", ")
        case .object: return nil
        }
    }
}
