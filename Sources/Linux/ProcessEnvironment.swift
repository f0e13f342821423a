// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The environment in which the process was started.
public enum ProcessEnvironment {
    /// The value of an environment variable; nil when it is not set or empty. getenv(3)
    public static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The path of the running program, with symbolic links resolved. readlink(2)
    public static var executable: String? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            let count = readlink("/proc/self/exe", buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
    }

    /// The number of this process in its namespace. getpid(2)
    public static var processID: Int32 { getpid() }

    /// The name of the user that this process runs as, or the number if it has no name. getpwuid(3)
    static var userName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }

    /// Ends the process at once, without clean-up. _exit(2)
    public static func exitNow(_ status: Int32) -> Never { _exit(status) }

    /// The number of cores that this process may use. sched_getaffinity(2)
    public static var coreCount: Int {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
        return withUnsafeBytes(of: set) { max(1, $0.reduce(0) { $0 + $1.nonzeroBitCount }) }
    }
}

/// Standard input, output and error, unbuffered.
public enum StandardStreams {
    /// Writes one line to standard output at once. Harmful characters are escaped, so it stays one line. write(2)
    public static func output(_ line: String) { write(line.harmless + "\n", to: STDOUT_FILENO) }

    /// Writes several lines to standard output, each as above.
    public static func output(lines: String) {
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) { output(String(line)) }
    }

    /// Writes one line to standard error at once, with harmful characters escaped. write(2)
    public static func error(_ line: String) { write(line.harmless + "\n", to: STDERR_FILENO) }

    /// Whether standard input is a terminal. isatty(3)
    public static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// The next line of standard input without its line end; nil at the end of the input. With `echo` false, a terminal does not show what
    /// is typed. tcsetattr(3)
    public static func readLine(echo: Bool = true) -> String? {
        var saved = termios()
        let hides = !echo && tcgetattr(STDIN_FILENO, &saved) == 0
        if hides {
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        }
        defer {
            if hides {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
                error("")
            }
        }
        return Swift.readLine(strippingNewline: true)
    }

    /// Everything up to the end of standard input. Throws `.tooLarge` beyond `limit` bytes. read(2)
    public static func readAll(limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try Files.attempt("standard input", "read") { read(STDIN_FILENO, &chunk, chunk.count) }
            if count == 0 { return content }
            content += chunk[..<count]
            guard content.count <= limit else { throw FileError(path: "standard input", .tooLarge(limit: limit)) }
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 || (written == -1 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(0, written))
        }
    }
}
