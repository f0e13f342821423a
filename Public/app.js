// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Every page works without this file. It adds copy buttons, menus that close, and live states.

document.documentElement.classList.add("script");

document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
        const place = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom) : button.previousElementSibling;
        const source = button.dataset.copy || place?.textContent || "";
        try {
            await navigator.clipboard.writeText(source);
        } catch {
            // Plain HTTP has no clipboard API, so select the text in a hidden field instead.
            const field = document.createElement("textarea");
            field.value = source;
            document.body.append(field);
            field.select();
            document.execCommand("copy");
            field.remove();
        }
        button.classList.add("done");
        setTimeout(() => button.classList.remove("done"), 1500);
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
    }
});

// After a refused form, focus the first invalid field. Short forms set their own focus.
if (!document.querySelector("[autofocus]")) document.querySelector('[aria-invalid="true"]')?.focus();

// Clicking a suggestion fills in its field.
document.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-fill]");
    if (!suggestion) return;
    event.preventDefault();
    const field = document.getElementById(suggestion.dataset.fill);
    field.value = suggestion.dataset.value;
    field.focus();
});

document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
    }
});

// Typing a device's own value selects "own".
document.addEventListener("input", (event) => {
    if (event.target.type === "radio") return;
    const own = event.target.closest(".setting")?.querySelector('input[type="radio"][value="custom"]');
    if (own) own.checked = true;
});

// The box above a column of boxes ticks them all.
document.addEventListener("change", (event) => {
    const name = event.target.dataset.all;
    if (!name) return;
    for (const box of event.target.form.querySelectorAll(`input[type="checkbox"][name="${name}"]`)) box.checked = event.target.checked;
});

// A slash goes to the search, unless something is being typed.
document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    const search = document.querySelector("[data-slash]");
    if (!search) return;
    event.preventDefault();
    search.select();
    search.focus();
});

// Choosing a filter applies it at once.
document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// The portal's own path, which is not "/" behind some proxies.
const base = document.body.dataset.events?.replace(/events$/, "");

// Live states: one stream per visible tab. An event refers to the elements it changes by data-live.
let stream;

// The hub sends something at least every 15 seconds. After 25 seconds of silence, or when the connection breaks, the page says that it may be out of
// date.
const silence = 25_000;
let watch;

function heard() {
    clearTimeout(watch);
    watch = setTimeout(retry, silence);
    show("lost", false);
}

function show(id, isShown) {
    const notice = document.getElementById(id);
    if (notice && notice.hidden === isShown) notice.hidden = !isShown;
}

function lose() {
    clearTimeout(watch);
    show("lost", true);
    document.querySelectorAll('[data-live="applied"]').forEach((element) => element.classList.add("lost"));
}

// Connects again where the browser does not do it by itself: it notices no silence, and gives up after an error of the hub or of a proxy.
function retry() {
    lose();
    stream.close();
    watch = setTimeout(listen, 5_000);
}

async function ended() {
    if (stream.readyState !== EventSource.CLOSED) return lose();
    const answer = await fetch(document.body.dataset.events).catch(() => null);
    answer?.body?.cancel();
    if (document.hidden) return;
    if (answer?.status === 401) return show("signed-out", true);
    retry();
}

function put(element, text) {
    if (element.textContent === text) return;
    element.textContent = text;
    element.classList.remove("fresh");
    void element.offsetWidth;
    element.classList.add("fresh");
}

// Gets a page, or a part of one, as a document. The pages' policy forbids scripts to turn text into elements (require-trusted-types-for), so the
// browser parses the answer of the hub itself. Null if the answer is not such a page.
function load(method, address, body) {
    return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.responseType = "document";
        request.open(method, address);
        request.onload = () => resolve(request.response);
        request.onerror = () => resolve(null);
        request.send(body);
    });
}

// The device has a new version: reload the live parts of its page from the hub, but keep what the user is working with.
let wanted;

async function renew(page, version) {
    wanted = version;
    if (!page || page.dataset.version === version) return;
    const parts = (await load("GET", `${base}devices/${page.dataset.device}/live${location.search}`))?.querySelector("[data-parts]");
    // The answer to an older event may come last.
    if (!parts || wanted !== version) return;
    page.dataset.version = version;
    for (const part of [...parts.children]) {
        const old = document.getElementById(part.id);
        if (!old || old.contains(document.activeElement)) continue;
        for (const [index, details] of old.querySelectorAll("details").entries()) {
            const again = part.querySelectorAll("details")[index];
            if (again) again.open = details.open;
        }
        // What did not change is not announced again.
        if (!old.isEqualNode(part)) old.replaceWith(document.adoptNode(part));
    }
}

// The map draws each device as a link. Its tunnel is at the same index in a separate list.
const prefix = `${base}devices/`;
const nodes = [...document.querySelectorAll(`.map a[href^="${prefix}"]`)];
const places = new Map(nodes.map((node, place) => [node.getAttribute("href").slice(prefix.length), place]));

function draw(device) {
    const place = places.get(device.id);
    if (place === undefined) return;
    if ("flow" in device) document.querySelectorAll(".map .tunnels path")[place]?.setAttribute("class", device.flow);
    if (!device.state) return;
    nodes[place].querySelector("use").setAttribute("href", `#${device.state}`);
    const title = nodes[place].querySelector("title");
    title.textContent = title.textContent.replace(/[^:]*$/, ` ${device.word}`);
    for (const count of document.querySelectorAll("[data-count]")) {
        put(count, String(nodes.filter((node) => node.querySelector(`use[href="#${count.dataset.count}"]`)).length));
    }
}

function listen() {
    if (!document.body.dataset.events) return;
    const ids = new Set([...places.keys(), ...[...document.querySelectorAll("[data-device]")].map((element) => element.dataset.device)]);
    const page = document.querySelector("[data-version]");
    stream = new EventSource(`${document.body.dataset.events}?devices=${[...ids].join(",")}${page ? `&page=${page.dataset.device}` : ""}`);
    stream.addEventListener("open", heard);
    stream.addEventListener("error", ended);
    for (const kind of ["beat", "applied", "devices", "version"]) stream.addEventListener(kind, heard);
    stream.addEventListener("version", (event) => renew(page, JSON.parse(event.data)));
    stream.addEventListener("applied", (event) => {
        const mark = JSON.parse(event.data);
        for (const element of document.querySelectorAll('[data-live="applied"]')) {
            element.classList.remove("lost");
            element.classList.toggle("waiting", mark.waiting);
            put(element, mark.text);
        }
    });
    stream.addEventListener("devices", (event) => {
        for (const device of JSON.parse(event.data)) {
            draw(device);
            for (const element of document.querySelectorAll(`[data-device="${CSS.escape(device.id)}"]`)) {
                const state = element.matches(".state") ? element : element.querySelector(".state");
                if (state && device.state) {
                    state.className = `state ${device.state}`;
                    put(state.querySelector(".word"), device.word);
                    // Next to a legend, states have no rule of their own.
                    const rule = state.querySelector(".rule");
                    if (rule) rule.textContent = device.rule;
                }
                for (const part of element.querySelectorAll("[data-part]")) {
                    if (part.dataset.part in device) put(part, device[part.dataset.part]);
                }
            }
        }
    });
}

document.addEventListener("visibilitychange", () => {
    stream?.close();
    clearTimeout(watch);
    if (!document.hidden) listen();
});
listen();

// Forms with a preview: after a pause in typing, ask the hub and show its answer in place. Buttons that change the form without saving redraw it in
// place. The hub draws both; without a script the same buttons load the page.
async function ask(form, step) {
    const body = new URLSearchParams(new FormData(form));
    body.set("step", step);
    const answer = await load("POST", form.action, body);
    return answer?.querySelector("form[data-preview]") ? answer : null;
}

let pause;
let asked = 0;

function preview(form) {
    clearTimeout(pause);
    pause = setTimeout(async () => {
        const number = ++asked;
        const answer = await ask(form, "preview");
        const block = answer?.getElementById("effect");
        if (block && number === asked && form.isConnected) document.getElementById("effect")?.replaceWith(document.adoptNode(block));
    }, 400);
}

for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
        const form = event.target.closest("form[data-preview]");
        // Half a name in a field with suggestions is no name yet.
        const isHalf = kind === "input" && "suggest" in event.target.dataset;
        if (form && !isHalf && event.target.name !== "confirm_within" && event.target.name !== "add") preview(form);
    });
}

document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    // Cancel the pending preview: after the save it would come back as a stale form.
    clearTimeout(pause);
    const typed = form.matches("[data-preview]") && !submitter?.value && form.elements.add?.value;
    const step = typed ? "add" : submitter?.name === "step" && submitter.value;
    if (!step || !form.matches("[data-preview]")) return;
    event.preventDefault();
    asked += 1;
    const place = document.activeElement?.id || "add";
    const answer = await ask(form, step);
    if (!answer) {
        // The hub did not answer with the form, so let the browser show its answer.
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: step }));
        return form.submit();
    }
    const main = document.adoptNode(answer.querySelector("main"));
    document.querySelector("main").replaceWith(main);
    document.getElementById(place)?.focus();
});
