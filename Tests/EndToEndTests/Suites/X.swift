import Testing
@Test func browserWorks() throws {
    try Lab.run { lab in
        let (n, _) = try lab.publicHost("hub")
        let b = try Browser(in: n, of: lab)
        try b.open("file:///tmp/h/page.html")
        print(try b.path(), try b.text())
        try b.fill("a", "new"); try b.fill("t", "neu"); try b.choose("r", "c")
        try b.resize(width: 390)
        print(try b.overflows(), try b.complaints())
        do { try b.press("Savex") } catch { print(error) }
        let page = """
        <form action="/y" method="post"></form><form method="post" action="/settings/1/edit" class="form"><input type="hidden" name="csrf_token" value="a+b&amp;&quot;/=">
        <input id="name" name="name" value="A &lt;b&gt;" type="text" required><input type="checkbox" name="enabled" value="on" checked><input type="checkbox" name="k" value="on">
        <input type="radio" name="f_source" value="default" checked><input type="radio" name="f_source" value="custom">
        <textarea id="x" name="f" aria-label="Its own">
        10.0.0.0/8
        fd00::/8</textarea></form>
        """
        var f = try HTMLForm(in: page, action: "/settings/1/edit")
        print(f.encoded)
        try f.set("f_source", "custom"); try f.set("k", "on"); print(f.encoded)
        do { try f.set("zz", "") } catch { print(error) }
    }
}
