// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A whole page, compiled for one language.
struct TemplateProgram<Frame, Model>: Sendable {
    /// The values that the page uses from the frame.
    fileprivate let frame: [TemplateWrite<Frame>]
    fileprivate let body: TemplateWrite<Model>
    fileprivate let places: Int

    func write(_ model: Model, _ frame: Frame, _ catalog: Catalog, base: String) -> [UInt8] {
        var output = TemplateOutput(keeping: places, catalog: catalog, base: Array(base.utf8))
        var (frame, model) = (frame, model)
        for keep in self.frame { keep(&frame, &output) }
        body(&model, &output)
        return output.bytes
    }
}

/// The frame around every page.
protocol TemplateFrame {
    /// Compiles a page with these names inside this frame into a `TemplateProgram`.
    func program<Model>(_ nodes: [TemplateNode], _ names: TemplateNames<Model>) throws(TemplateError) -> any Sendable
}

struct TemplateFrameOf<Frame: TemplateModel>: TemplateFrame {
    init(_ frame: Frame.Type) {}

    func program<Model>(_ nodes: [TemplateNode], _ page: TemplateNames<Model>) throws(TemplateError) -> any Sendable {
        let place = TemplateOutermostScope()
        let names = TemplateNames<Frame>.all
        let whole = TemplateInside<Frame>(
            isTrue: { _ in true }, member: { names.fields[$0] },
            section: { (compile) throws(TemplateError) in
                try compile(names)
            })
        let around = TemplateModelScope(TemplateNames(fields: ["frame": .inside(whole)]), around: place)
        let body = try TemplateCompile(nodes: nodes, scope: around)(page)
        return TemplateProgram<Frame, Model>(frame: around.takeWanted(), body: body, places: place.count)
    }
}

/// Has no names. Counts the places for values that sections keep.
private final class TemplateOutermostScope: TemplateScope {
    private(set) var count = 0

    override func newPlace() -> Int {
        count += 1
        return count - 1
    }
}
