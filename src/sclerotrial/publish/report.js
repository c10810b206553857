// The report's only script: listings that can be sorted and searched, numbers with their way back.
// It asks for nothing from outside, and writes text as text.
(() => {
  "use strict";
  const PAGE = 100;

  // --- what needs no page ---------------------------------------------------------------------
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const x = Number(a), y = Number(b);
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const ordered = (rows, column, down) => {
    const keyed = rows.map((row, k) => [row, k]);
    keyed.sort((p, q) => {
      const a = p[0][column], b = q[0][column];
      const way = compare(a, b) * (down && a !== "" && b !== "" ? -1 : 1);
      return way || p[1] - q[1];
    });
    return keyed.map((pair) => pair[0]);
  };
  const matching = (rows, text) => {
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!wanted.length) return rows;
    return rows.filter((row) => {
      const all = row.join("\u0001").toLowerCase();
      return wanted.every((word) => all.includes(word));
    });
  };
  const unpacked = (ways, id) => {
    const found = ways.numbers[id];
    if (!found) return null;
    const told = Object.fromEntries(ways.told.map((name, k) => [name, ways.words[found[k]]]));
    const at = found[found.length - 1];
    const list = at < 0 ? [0] : ways.lists[at];
    const rows = list.slice(0, -1).map((k) => {
      const row = ways.rows[k < 0 ? -1 - k : k];
      const cells = Object.fromEntries(ways.row.map((name, j) => [name, ways.words[row[j]]]));
      return { ...cells, ROLE: k < 0 ? "baseline" : "value" };
    });
    return { told, rows, left: list[list.length - 1] };
  };
  if (typeof module !== "undefined") module.exports = { compare, ordered, matching, unpacked };
  if (typeof document === "undefined") return;

  // --- the page -------------------------------------------------------------------------------
  const make = (name, text, more) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    for (const [key, value] of Object.entries(more || {})) element.setAttribute(key, value);
    return element;
  };
  let kept = null;
  const ways = () => {
    const held = document.getElementById("ways");
    if (!kept && held) kept = JSON.parse(held.textContent);
    return kept;
  };

  const reachable = (root) => {
    // one stop of the tab key a table; arrows go from number to number
    root.querySelectorAll("[data-ard]").forEach((span, k) => {
      span.setAttribute("role", "button");
      span.setAttribute("aria-haspopup", "dialog");
      span.setAttribute("tabindex", k ? "-1" : "0");
    });
  };

  const fill = (holder, columns, rows, options) => {
    const table = holder.querySelector("table");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    let shown = rows, page = 0, by = -1, down = false;
    const tools = make("div", "", { class: "tools" });
    const label = make("label", "Search ");
    const box = make("input", "", { type: "search", size: "24" });
    label.append(box);
    const back = make("button", "Previous", { type: "button" });
    const next = make("button", "Next", { type: "button" });
    const status = make("span", "", { role: "status" });
    tools.append(label, back, next, status);
    holder.prepend(tools);
    const draw = () => {
      const first = page * PAGE;
      const part = shown.slice(first, first + PAGE);
      body.replaceChildren(...part.map((row) => {
        const line = make("tr");
        row.forEach((text, k) => {
          const cell = make("td");
          if (k === options.mark) cell.className = text.replaceAll(" ", "-");
          const id = (row.ids && row.ids[k]) || (k === options.link ? text : "");
          if (id && text) cell.append(make("span", text, { "data-ard": id }));
          else cell.textContent = text;
          line.append(cell);
        });
        return line;
      }));
      const last = first + part.length;
      status.textContent = shown.length
        ? `${first + 1} to ${last} of ${shown.length} rows`
        : "No row holds this";
      back.disabled = page === 0;
      next.disabled = last >= shown.length;
      back.hidden = next.hidden = shown.length <= PAGE;
      reachable(body);
    };
    const choose = () => {
      const found = matching(rows, box.value);
      shown = by < 0 ? found : ordered(found, by, down);
      page = 0;
      draw();
    };
    box.addEventListener("input", choose);
    back.addEventListener("click", () => { page -= 1; draw(); });
    next.addEventListener("click", () => { page += 1; draw(); });
    heads.forEach((head, k) => {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        down = by === k ? !down : false;
        by = k;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        choose();
      });
    });
    draw();
  };

  document.querySelectorAll("div.listing").forEach((holder) => {
    const table = holder.querySelector("table");
    let rows = [...table.tBodies[0].rows].map((line) => {
      const row = [...line.cells].map((cell) => cell.textContent);
      const ids = [...line.cells].map((cell) => {
        const held = cell.querySelector("[data-ard]");
        return held ? held.getAttribute("data-ard") : "";
      });
      return ids.some(Boolean) ? Object.assign(row, { ids }) : row;
    });
    const rest = holder.querySelector("script.rest");
    if (rest) rows = rows.concat(JSON.parse(rest.textContent));
    const number = (name) => Number(holder.getAttribute(`data-${name}`));
    fill(holder, [], rows, { mark: number("mark"), link: number("link") });
  });

  // all numbers are listed when their part is opened
  const all = document.getElementById("all-numbers");
  if (all) {
    all.addEventListener("toggle", () => {
      const data = ways();
      const holder = all.querySelector("div.numbers");
      if (!all.open || !data || holder.dataset.done) return;
      holder.dataset.done = "yes";
      const at = ["TEXT", "UNIT", "N", "LABEL", "NOTE"].map((name) => data.told.indexOf(name));
      const rows = Object.entries(data.numbers).map(([id, found]) =>
        [id, ...at.map((k) => data.words[found[k]])]);
      fill(holder, [], rows, { mark: -1, link: 0 });
    });
  }

  // --- the way back ---------------------------------------------------------------------------
  const dialog = document.getElementById("way");
  let from = null;
  const open = (span) => {
    const data = ways();
    if (!dialog || !data) return;
    const inner = dialog.querySelector("div");
    inner.replaceChildren();
    span.getAttribute("data-ard").split(" ").forEach((id) => {
      const found = unpacked(data, id);
      inner.append(make("h2", id));
      if (!found) return;
      const list = make("dl");
      for (const [name, text] of Object.entries(found.told)) {
        if (text) list.append(make("dt", name.toLowerCase().replaceAll("_", " ")), make("dd", text));
      }
      inner.append(list);
      if (!found.rows.length) {
        const reason = data.reasons[id] ? ` It comes from: ${data.reasons[id]}.` : "";
        inner.append(make("p", `No row of a dataset stands behind it.${reason}`));
        return;
      }
      const holder = make("div", "", { class: "wide", role: "region", tabindex: "0",
        "aria-label": `Rows behind ${id}` });
      const table = make("table", "", { class: "listing" });
      const names = ["Dataset, row", "Patient", "What", "Value", "Raw file, line", "Fields"];
      const head = make("tr");
      names.forEach((name) => head.append(make("th", name, { scope: "col" })));
      table.append(make("thead"), make("tbody"));
      table.tHead.append(head);
      found.rows.forEach((row) => {
        const line = make("tr");
        const what = [row.PARAMCD, row.AVISIT, row.ROLE === "baseline" ? "(baseline)" : ""];
        const source = row.SRCFILE ? `${row.SRCFILE}, line ${row.SRCLINE}` : "derived";
        [`${row.DATASET}, ${row.ROW}`, row.USUBJID, what.filter(Boolean).join(" "), row.VALUE,
          source, row.SRCFIELD].forEach((text) => line.append(make("td", text)));
        table.tBodies[0].append(line);
      });
      holder.append(table);
      inner.append(holder);
      const left = found.left ? ` ${found.left} further rows: ` : " The same in a terminal: ";
      const note = make("p", `${found.rows.length} rows.${left}`, { class: "note" });
      note.append(make("code", `sclerotrial trace ${id}`));
      inner.append(note);
    });
    from = span;
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute("open", "");
    dialog.scrollTop = 0;
  };
  const close = () => {
    if (dialog.close) dialog.close();
    else dialog.removeAttribute("open");
  };
  if (dialog) {
    dialog.querySelector("button").addEventListener("click", close);
    dialog.addEventListener("close", () => { if (from) from.focus(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  }
  document.querySelectorAll("table, p, figcaption").forEach(reachable);
  document.addEventListener("click", (event) => {
    const span = event.target.closest("[data-ard]");
    if (span) open(span);
  });
  document.addEventListener("keydown", (event) => {
    const span = event.target.closest && event.target.closest("[data-ard]");
    if (!span) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(span);
      return;
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const jump = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step && !jump) return;
    const spans = [...(span.closest("table, figcaption, p") || document).querySelectorAll("[data-ard]")];
    const here = spans.indexOf(span);
    let to = spans[here + (step || 0)];
    if (jump) {
      const column = span.closest("td, th") ? span.closest("td, th").cellIndex : -1;
      const rest = jump > 0 ? spans.slice(here + 1) : spans.slice(0, here).reverse();
      to = rest.find((other) => other.closest("td, th") && other.closest("td, th").cellIndex === column);
    }
    if (!to || to === span) return;
    event.preventDefault();
    span.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  });
})();
