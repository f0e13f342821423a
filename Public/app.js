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

// Typing a device's own value selects "own". Choosing the default empties the field, and choosing "own" brings its text back.
document.addEventListener("input", (event) => {
    const setting = event.target.closest(".setting");
    if (!setting) return;
    const field = setting.querySelector("input:not([type=radio], [type=checkbox], [data-suggest]), textarea");
    const own = setting.querySelector('input[type="radio"][value="custom"]');
    if (event.target === field && own) own.checked = true;
    if (event.target.type !== "radio" || !event.target.name.endsWith("_source")) return;
    if (event.target === own) {
        field.value ||= field.dataset.kept ?? "";
    } else {
        field.dataset.kept = field.value;
        field.value = "";
    }
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

// The device has a new version, or the hub if the page is about it: reload the live parts of the page from the hub, but keep what the user is working
// with.
let wanted;

async function renew(page, version) {
    wanted = version;
    if (!page || page.dataset.version === version) return;
    const path = page.dataset.page ?? `devices/${page.dataset.device}`;
    const parts = (await load("GET", `${base}${path}/live${location.search}`))?.querySelector("[data-parts]");
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
    stream = new EventSource(`${document.body.dataset.events}?devices=${[...ids].join(",")}${page ? `&page=${page.dataset.page ?? page.dataset.device}` : ""}`);
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
    // A number field does not tell what else was typed into it.
    for (const field of form.elements) if (field.validity?.badInput) body.set(field.name, "?");
    body.set("step", step);
    const answer = await load("POST", form.action, body);
    return answer?.querySelector("form[data-preview]") ? answer : null;
}

let pause;
let asked = 0;

function preview(form, delay = 400) {
    clearTimeout(pause);
    pause = setTimeout(() => refresh(form), delay);
}

async function refresh(form) {
    const number = ++asked;
    const answer = await ask(form, "preview");
    if (answer && number === asked && form.isConnected) showParts(answer);
}

function showParts(answer) {
    showEffect(answer.getElementById("effect"));
    showEntries(answer.getElementById("entries"));
}

// The live region stays and only its content changes; otherwise, screen readers say nothing. While the input has an error, the last effect stays,
// marked as older.
function showEffect(block) {
    const region = document.getElementById("effect");
    if (!region || !block) return;
    const [old, details] = [region.querySelector("details"), block.querySelector("details")];
    if (old && details) details.open = old.open;
    const [lines, caption] = [region.querySelector(".lines"), block.querySelector(".before")];
    if (caption && lines) {
        caption.hidden = false;
        caption.after(lines);
        lines.classList.add("outdated");
    }
    if (!region.isEqualNode(block)) region.replaceChildren(...document.adoptNode(block).childNodes);
}

for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
        const form = event.target.closest("form[data-preview]");
        // Half a name in a field with suggestions is no name yet.
        const isHalf = kind === "input" && "suggest" in event.target.dataset;
        if (form && !isHalf && event.target.name && event.target.name !== "confirm_within") preview(form);
    });
}

document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    // Cancel the pending preview: after the save it would come back as a stale form.
    clearTimeout(pause);
    if (!form.matches("[data-preview]")) return;
    const step = submitter?.name === "step" && submitter.value;
    const box = form.querySelector(".combo input");
    if (!step && box?.value.trim()) {
        // What is left in the box is added first, and the user sees what that does.
        event.preventDefault();
        return addEntry(box, box.value.trim());
    }
    if (!step) return;
    event.preventDefault();
    if (box) return takeStep(form, step);
    asked += 1;
    const place = document.activeElement?.id;
    const answer = await ask(form, step);
    if (!answer) return leave(form, step);
    const main = document.adoptNode(answer.querySelector("main"));
    document.querySelector("main").replaceWith(main);
    document.getElementById(place)?.focus();
});

// The hub did not answer with the form, so let the browser show its answer.
function leave(form, step) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: step }));
    form.submit();
}

// The form of a device: the list of allowed IPs as chips, and a box that suggests devices, tags and prefixes. The text below it is the form's field.
async function takeStep(form, step) {
    const number = ++asked;
    const answer = await ask(form, step);
    if (!answer) return leave(form, step);
    form.elements.allowed_ips.value = answer.getElementById("allowed_ips").value;
    if (number === asked) showParts(answer);
    else preview(form, 0);
}

// The buttons of the chips are one tab stop; arrow keys move between them.
function chipButtons(block) {
    return [...block.querySelectorAll("ul button")];
}

function showEntries(block) {
    const old = document.getElementById("entries");
    if (!old || !block) return;
    const place = chipButtons(old).indexOf(document.activeElement);
    chipButtons(block).forEach((button, index) => { button.tabIndex = index === Math.max(place, 0) ? 0 : -1; });
    if (old.isEqualNode(block)) return;
    old.replaceChildren(...document.adoptNode(block).childNodes);
    const buttons = chipButtons(old);
    if (place >= 0) (buttons[Math.min(place, buttons.length - 1)] ?? document.getElementById("add")).focus();
}

document.addEventListener("keydown", (event) => {
    const block = event.target.closest("#entries");
    if (!block) return;
    const buttons = chipButtons(block);
    const place = buttons.indexOf(event.target);
    const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Delete") event.target.click();
    if (!buttons[next]) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
});

function addEntry(box, text) {
    const form = box.form;
    const field = form.elements.allowed_ips;
    const own = form.querySelector('[name="allowed_ips_source"][value="custom"]');
    // A device that followed the default keeps what it had.
    const list = own.checked ? field.value.trim() : field.dataset.inherited;
    field.value = [list, text.includes(",") ? `\n${text}\n` : text].filter(Boolean).join(", ");
    own.checked = true;
    box.value = "";
    closeSuggestions();
    preview(form, 0);
}

// The box is a field with suggestions, which linking.js shows below it.
const isBox = (element) => element.matches?.(".combo input");

document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (!isBox(box) || event.isComposing || (event.key !== "Enter" && event.key !== ",")) return;
    const option = document.getElementById(box.getAttribute("aria-activedescendant"));
    const text = option?.dataset.value ?? box.value.trim();
    if (!text) return;
    event.preventDefault();
    addEntry(box, text);
});

// A folded part opens for the field that a link or the browser's check leads to.
function unfold(element) {
    for (let details = element?.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
}

const unfoldTarget = () => unfold(document.getElementById(decodeURIComponent(location.hash.slice(1))));
addEventListener("hashchange", unfoldTarget);
document.addEventListener("invalid", (event) => unfold(event.target), true);

for (const combo of document.querySelectorAll(".combo")) {
    combo.hidden = false;
    showEntries(document.getElementById("entries").cloneNode(true));
    const text = document.querySelector(".as-text");
    text.open = text.querySelector('[aria-invalid="true"]') !== null;
    const effect = document.querySelector("#effect details");
    if (matchMedia("(max-width: 60rem)").matches) effect.open = false;
    unfoldTarget();
}

// A file that is too large is refused while it is being sent, and the browser would say only that the connection broke.
document.addEventListener("change", ({ target }) => {
    if (!target.dataset.limit) return;
    const isTooLarge = [...target.files].some((file) => file.size > Number(target.dataset.limit));
    const message = target.parentElement.querySelector(".too-large");
    message.hidden = !isTooLarge;
    target.setCustomValidity(isTooLarge ? message.textContent : "");
});
