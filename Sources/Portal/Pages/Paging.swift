// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// One page of a list, and the links to the others.
struct Paging {
    let range: Range<Int>
    private let number: Int
    private let last: Int

    /// A page beyond the end is the last one.
    init(count: Int, perPage: Int, number: Int) {
        last = max(1, (count + perPage - 1) / perPage)
        self.number = min(max(1, number), last)
        let start = (self.number - 1) * perPage
        range = start..<min(count, start + perPage)
    }

    /// First, last and the neighbours, of the list that `name` tells apart from another one on the page; false where everything fits on one page.
    func value(named name: Phrase = "Pages", _ link: (Int) -> String) -> TemplateValue {
        guard last > 1 else { return false }
        let shown = Set([1, last, number - 1, number, number + 1]).filter { (1...last).contains($0) }.sorted()
        return [
            "name": .phrase(name), "previous": .text(number > 1 ? link(number - 1) : ""), "next": .text(number < last ? link(number + 1) : ""),
            "numbers": .list(shown.map { ["label": .number($0), "href": .text(link($0)), "current": .flag($0 == number)] }),
        ]
    }
}
