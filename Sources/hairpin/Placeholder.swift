@main struct Hairpin { static func main() {} }
