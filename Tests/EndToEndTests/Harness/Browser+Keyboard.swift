// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A browser used only with the keyboard.
extension Browser {
    /// Keys by their code points (WebDriver, 17.4.2).
    enum Key: String {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case escape = "\u{E00C}"
    }

    /// The elements that the tab key reached on a page, by their index in the document.
    struct Walk {
        var visited: [Int]
        /// Elements that can be activated but were not reached.
        var missed: [String]
        /// Elements that were reached but do not show the focus.
        var unseen: [String]
    }

    /// Types the text, then presses the key.
    func type(_ text: String, then key: Key) throws { try press(keys: text.map(String.init) + [key.rawValue]) }

    func type(_ key: Key) throws { try press(keys: [key.rawValue]) }

    /// The text of the element that has the focus.
    func focused() throws -> String {
        (try answer(of: "arguments[0](document.activeElement.textContent)") as? String ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func focus(_ selector: String) throws {
        _ = try answer(of: "document.querySelector(arguments[0]).focus(); arguments[1]()", [selector])
    }

    /// Whether the whole element lies within the window.
    func isOnScreen(_ selector: String) throws -> Bool {
        let script = """
            const box = document.querySelector(arguments[0]).getBoundingClientRect();
            arguments[1](box.width > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth);
            """
        return try answer(of: script, [selector]) as? Bool ?? false
    }

    /// Presses tab from the top of the page to its end.
    func walk() throws -> Walk {
        // A group of radio buttons is one stop: the selected one, otherwise the first or the last.
        let begin = """
            const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((each) =>
                each.checkVisibility({ visibilityProperty: true }) && !each.matches(":disabled, [type=hidden], [tabindex='-1']")
                && !(each.type === "radio" && !each.checked));
            const name = (each) => each.outerHTML.slice(0, 120);
            window.walk = { visited: [], missed: new Set(stops), unseen: [] };
            document.addEventListener("focusin", ({ target }) => {
                const style = getComputedStyle(target);
                if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) window.walk.unseen.push(name(target));
                if (stops.includes(target)) window.walk.visited.push(stops.indexOf(target));
                window.walk.missed.delete(target);
            });
            arguments[0](stops.length);
            """
        let count = try answer(of: begin) as? Int ?? 0
        try press(keys: [String](repeating: Key.tab.rawValue, count: count))
        let end = """
            const { visited, missed, unseen } = window.walk;
            arguments[0]([visited, [...missed].map((each) => each.outerHTML.slice(0, 120)), unseen]);
            """
        let found = try answer(of: end) as? [[Any]] ?? []
        guard found.count == 3 else { throw LabError("the walk gave no answer") }
        return Walk(
            visited: found[0].compactMap { $0 as? Int }, missed: found[1].compactMap { $0 as? String }, unseen: found[2].compactMap { $0 as? String })
    }
}
