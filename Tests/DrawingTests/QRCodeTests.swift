// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Drawing
import Fleet
import Foundation
import Support
import Testing

@Suite struct `A QR code` {
    /// Draws the SVG as a portable graymap, eight pixels per module, and reads it with `zbarimg`.
    private func scan(_ svg: String) throws -> String {
        let path = try #require(svg.firstMatch(of: /viewBox="0 0 (\d+) \d+"/))
        let width = try #require(Int(path.1))
        var modules = [[UInt8]](repeating: [UInt8](repeating: 255, count: width), count: width)
        for run in svg.matches(of: /M(\d+) (\d+)h(\d+)v1h-\d+z/) {
            for x in Int(run.1)!..<Int(run.1)! + Int(run.3)! { modules[Int(run.2)!][x] = 0 }
        }
        var image = Data("P5 \(width * 8) \(width * 8) 255\n".utf8)
        for row in modules {
            let line = row.flatMap { [UInt8](repeating: $0, count: 8) }
            for _ in 0..<8 { image.append(contentsOf: line) }
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("qr-\(UUID().uuidString).pgm")
        try image.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let zbar = Process()
        zbar.executableURL = URL(fileURLWithPath: "/usr/bin/zbarimg")
        zbar.arguments = ["--raw", "--quiet", "-Sdisable", "-Sqrcode.enable", file.path]
        let output = Pipe()
        zbar.standardOutput = output
        try zbar.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        zbar.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/zbarimg")))
    func `holds the device's file byte for byte`() throws {
        let text = ClientConfig.sample(dns: ["10.3.2.1"], mtu: 1420).text
        let code = try #require(QRCode(text))
        #expect(try scan(code.svg) == text + "\n")
    }

    @Test func `is dark on white with a quiet zone of four modules`() throws {
        let svg = try #require(QRCode("hub")).svg
        #expect(svg.contains("viewBox=\"0 0 29 29\""))
        #expect(svg.contains("<rect width=\"29\" height=\"29\" fill=\"#fff\"/>"))
        #expect(svg.contains("M4 4h7v1h-7z"))
    }

    @Test func `holds 2,953 bytes and no NUL`() {
        #expect(QRCode(String(repeating: "x", count: 2953)) != nil)
        for text in [String(repeating: "x", count: 2954), "a\0b", ""] {
            #expect(!QRCode.canHold(text))
            #expect(QRCode(text) == nil)
        }
    }
}
