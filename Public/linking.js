// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Fields that suggest devices and tags, and the panel of the matrix. Loaded after app.js, of which it uses `load`, `base`, `isBox` and `addEntry`.
// Without it, the fields take plain text, and the doctor's form takes the place of the panel.

// Suggestions: a combobox with a list (ARIA 1.2). The hub makes the list, so it is short however many devices there are.
let suggesting;
let typing;
let typed = 0;

// The part of the field that is being typed: after the last comma.
function word(field) {
    return field.value.slice(field.value.lastIndexOf(",") + 1).trim();
}

function closeSuggestions() {
    clearTimeout(typing);
    typed += 1;
    if (!suggesting) return;
    const { field, place } = suggesting;
    suggesting = undefined;
    place.remove();
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-controls");
    field.removeAttribute("aria-activedescendant");
}

function suggest(field) {
    clearTimeout(typing);
    const number = ++typed;
    typing = setTimeout(async () => {
        const address = new URL(field.dataset.suggest, location.href);
        address.searchParams.set("q", word(field));
        const list = (await load("GET", address.href))?.getElementById("suggestions");
        if (!list || number !== typed || document.activeElement !== field) return;
        closeSuggestions();
        if (!list.children.length) return;
        const place = document.createElement("div");
        place.className = "suggestions-place";
        place.append(document.adoptNode(list));
        field.after(place);
        list.setAttribute("aria-label", field.labels[0]?.textContent || field.getAttribute("aria-label") || "");
        for (const [index, option] of [...list.children].entries()) option.id = `suggestion-${index}`;
        suggesting = { field, place, options: [...list.children], active: -1 };
        field.setAttribute("aria-controls", "suggestions");
        field.setAttribute("aria-expanded", "true");
    }, 120);
}

function activate(index) {
    const { field, options } = suggesting;
    suggesting.active = (index + options.length) % options.length;
    for (const [place, option] of options.entries()) option.setAttribute("aria-selected", String(place === suggesting.active));
    const option = options[suggesting.active];
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
}

function take(option) {
    const { field } = suggesting;
    // The form of a device makes a chip of it.
    if (isBox(field)) return addEntry(field, option.dataset.value);
    const kept = field.value.slice(0, field.value.lastIndexOf(",") + 1);
    field.value = kept ? `${kept} ${option.dataset.value}` : option.dataset.value;
    closeSuggestions();
    // For the preview of the form. The list must not open again.
    field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("focusin", ({ target }) => {
    if (!target.matches("[data-suggest]") || target.role === "combobox") return;
    target.setAttribute("role", "combobox");
    target.setAttribute("aria-autocomplete", "list");
    target.setAttribute("aria-expanded", "false");
});

document.addEventListener("focusout", ({ target }) => {
    if (suggesting?.field === target) closeSuggestions();
});

document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-suggest]")) return;
    if (isBox(target) && !target.value.trim()) closeSuggestions();
    else suggest(target);
});

document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-suggest]")) return;
    const isOpen = suggesting?.field === field;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) return suggest(field);
        const isDown = event.key === "ArrowDown";
        activate(suggesting.active < 0 ? (isDown ? 0 : -1) : suggesting.active + (isDown ? 1 : -1));
    } else if (event.key === "Enter" && isOpen && suggesting.active >= 0) {
        event.preventDefault();
        take(suggesting.options[suggesting.active]);
    } else if (event.key === "Escape" && isOpen) {
        event.preventDefault();
        event.stopPropagation();
        closeSuggestions();
    }
});

// The field keeps the focus while an option is pressed.
document.addEventListener("mousedown", (event) => {
    if (event.target.closest(".suggestions")) event.preventDefault();
});

document.addEventListener("click", (event) => {
    const option = event.target.closest(".suggestions [role=option]");
    if (option && suggesting) take(option);
});

// The matrix: one tab stop, arrows move, shift extends to a block, and Enter or a click opens the panel of the cells.
const matrix = document.querySelector("table.matrix");
const cells = matrix ? [...matrix.tBodies[0].rows].map((row) => [...row.cells].filter((cell) => cell.tagName === "TD")) : [];
const columns = matrix ? [...matrix.tHead.querySelectorAll("th")] : [];
let corner;
let cursor;
let dragging = false;

function position(cell) {
    const row = cells.findIndex((each) => each[0].parentElement === cell.parentElement);
    return { row, column: cells[row].indexOf(cell) };
}

function describe(cell) {
    const { row, column } = position(cell);
    const key = document.querySelector(`#matrix-keys .${cell.className.split(" ").find((name) => ["both", "some", "out", "in"].includes(name)) || "none"}`);
    const names = `${cells[row][0].parentElement.querySelector("th").title} → ${columns[column].title}`;
    return cell.classList.contains("self") ? columns[column].title : `${names}: ${key.nextElementSibling.textContent}`;
}

function block() {
    const [a, b] = [position(corner), position(cursor)];
    const range = (name) => [Math.min(a[name], b[name]), Math.max(a[name], b[name])];
    return { rows: range("row"), columns: range("column") };
}

function mark() {
    const { rows, columns } = block();
    for (const [row, line] of cells.entries()) {
        for (const [column, cell] of line.entries()) {
            const isIn = row >= rows[0] && row <= rows[1] && column >= columns[0] && column <= columns[1];
            cell.classList.toggle("picked", isIn);
            if (isIn) cell.setAttribute("aria-selected", "true"); else cell.removeAttribute("aria-selected");
        }
    }
}

function go(cell, extends_) {
    if (cursor) cursor.tabIndex = -1;
    cursor = cell;
    if (!extends_ || !corner) corner = cell;
    cell.tabIndex = 0;
    cell.setAttribute("aria-label", describe(cell));
    mark();
}

function closePanel(returns) {
    const panel = document.getElementById("panel");
    if (!panel) return;
    panel.remove();
    if (returns) cursor?.focus();
}

let opened = 0;

async function openPanel() {
    const { rows, columns: range } = block();
    const number = ++opened;
    closePanel(false);
    const rowIds = cells.slice(rows[0], rows[1] + 1).map((line) => line[0].parentElement.querySelector("th a").getAttribute("href").split("/").pop());
    const columnIds = columns.slice(range[0], range[1] + 1).map((name) => name.dataset.id);
    if (rowIds.length === 1 && columnIds.length === 1 && rowIds[0] === columnIds[0]) return;
    const panel = (await load("GET", `${base}reachability/panel?from=${rowIds.join(",")}&to=${columnIds.join(",")}`))?.getElementById("panel");
    if (!panel || number !== opened) return;
    document.adoptNode(panel);
    // After the change, the user returns here.
    const here = new URL(location.href);
    for (const name of ["done", "change", "from", "to", "address"]) here.searchParams.delete(name);
    for (const field of panel.querySelectorAll('input[name="next"]')) field.value = here.pathname + here.search;
    document.body.append(panel);
    const cell = cursor.getBoundingClientRect();
    const left = Math.max(12, Math.min(cell.right + 8, document.documentElement.clientWidth - panel.offsetWidth - 12));
    const top = Math.max(12, Math.min(cell.bottom + 4, window.innerHeight - panel.offsetHeight - 12));
    panel.style.left = `${left + window.scrollX}px`;
    panel.style.top = `${top + window.scrollY}px`;
    panel.focus({ preventScroll: true });
}

if (matrix) {
    matrix.setAttribute("role", "grid");
    matrix.setAttribute("aria-multiselectable", "true");
    if (cells.length && cells[0].length) {
        cells[0][0].tabIndex = 0;
        cells[0][0].setAttribute("aria-label", describe(cells[0][0]));
        cursor = corner = cells[0][0];
    }
    const at = (event) => {
        const cell = event.target.closest("tbody td");
        return cell && matrix.contains(cell) ? cell : null;
    };
    matrix.addEventListener("pointerover", (event) => {
        const cell = at(event);
        if (!cell) return;
        if (!cell.title) cell.title = describe(cell);
        if (dragging && cell !== cursor) go(cell, true);
    });
    matrix.addEventListener("pointerdown", (event) => {
        const cell = at(event);
        if (!cell || event.pointerType !== "mouse" || event.button !== 0) return;
        event.preventDefault();
        go(cell, event.shiftKey);
        dragging = true;
    });
    document.addEventListener("pointerup", (event) => {
        if (!dragging) return;
        dragging = false;
        if (at(event)) openPanel();
    });
    matrix.addEventListener("click", (event) => {
        const cell = at(event);
        // A mouse was dealt with above.
        if (!cell || event.pointerType === "mouse") return;
        go(cell, event.shiftKey);
        openPanel();
    });
    matrix.addEventListener("keydown", (event) => {
        const cell = at(event);
        if (!cell) return;
        const { row, column } = position(cell);
        const last = { row: cells.length - 1, column: columns.length - 1 };
        const to = {
            ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
            Home: [row, 0], End: [row, last.column],
        }[event.key];
        if (to) {
            event.preventDefault();
            go(cells[Math.max(0, Math.min(last.row, to[0]))][Math.max(0, Math.min(last.column, to[1]))], event.shiftKey);
            cursor.focus();
        } else if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            openPanel();
        }
    });
    document.addEventListener("pointerdown", (event) => {
        const panel = document.getElementById("panel");
        if (panel && !panel.contains(event.target) && !matrix.contains(event.target)) closePanel(false);
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") closePanel(true);
    });
    document.addEventListener("click", (event) => {
        if (event.target.closest('[data-close="panel"]')) closePanel(true);
    });
}
