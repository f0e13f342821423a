// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Built by `make fuzz` only, which sets FUZZING and links libFuzzer.
#if FUZZING
    import Foundation
    import Testing

    /// Entry of libFuzzer in a process that has its own main. https://llvm.org/docs/LibFuzzer.html
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
        _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    private let chosen = FuzzTarget(rawValue: ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? "")

    @Suite struct `libFuzzer` {
        /// The driver ends the process; the corpus it grows stays in `FUZZ_FOLDER`.
        @Test(.enabled(if: chosen != nil))
        func `finds nothing`() throws {
            let environment = ProcessInfo.processInfo.environment
            let folder = try #require(environment["FUZZ_FOLDER"])
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for input in try Corpus.inputs(of: try #require(chosen)) {
                try Data(input.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(input.name)"))
            }
            let seconds = environment["FUZZ_SECONDS"] ?? "60"
            var words = ["fuzz", "-max_total_time=\(seconds)", "-max_len=4096", "-timeout=10", "-artifact_prefix=\(folder).", folder].map {
                strdup($0)
            }
            words.append(nil)
            var count = CInt(words.count - 1)
            words.withUnsafeMutableBufferPointer { buffer in
                var start = buffer.baseAddress
                _ = runDriver(&count, &start) { bytes, byteCount in
                    chosen?.run(Array(UnsafeBufferPointer(start: bytes, count: byteCount)))
                    return 0
                }
            }
        }
    }
#endif
