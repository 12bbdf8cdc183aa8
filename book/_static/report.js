(function () {
  "use strict";

  const root = document.documentElement;
  const home = new URL(root.dataset.content_root || "./", location.href);

  function make(tag, properties, parent) {
    const element = Object.assign(document.createElement(tag), properties);
    if (parent) parent.append(element);
    return element;
  }

  /* Colours: the system's until the reader chooses. */

  function themeSwitch(button) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const label = make("span", {}, button);

    function show(theme) {
      root.dataset.theme = theme;
      label.textContent = theme === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", `${label.textContent} colours`);
    }

    function chosen() {
      try { return localStorage.getItem("theme"); } catch { return null; }
    }

    button.type = "button";
    button.addEventListener("click", () => {
      show(root.dataset.theme === "dark" ? "light" : "dark");
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* the choice lasts for this page */ }
    });
    system.addEventListener("change", () => { if (!chosen()) show(system.matches ? "dark" : "light"); });
    show(root.dataset.theme === "dark" ? "dark" : "light");
  }

  /* The drawer borrows the chapters and the page's contents, and gives them back. */

  function drawer(button, dialog, sources) {
    const borrowed = [];
    const close = make("button", { type: "button", className: "drawer-close", textContent: "Close" }, dialog);
    dialog.setAttribute("aria-label", "Menu");
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    dialog.addEventListener("close", () => {
      for (const [node, parent] of borrowed.splice(0)) parent.append(node);
    });
    button.addEventListener("click", () => {
      for (const parent of sources) {
        for (const node of [...parent.children]) {
          borrowed.push([node, parent]);
          dialog.append(node);
        }
      }
      dialog.showModal();
    });
    matchMedia("(max-width: 60rem)").addEventListener("change", () => dialog.close());
  }

  /* Contents: mark the section being read. */

  function markContents(links) {
    const marked = new Map();
    for (const link of links) {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (section) marked.set(section, link);
    }
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.target.dataset.inView = entry.isIntersecting ? "1" : "";
      const current = [...marked.keys()].find((section) => section.dataset.inView);
      for (const [section, link] of marked) {
        if (section === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "-20% 0px -60% 0px" });
    for (const section of marked.keys()) observer.observe(section);
  }

  /* Registers sort by a column: up, down, as written. */

  const SCALES = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  function numberIn(text) {
    const found = /^[^\d\s−-]{0,2}([−-]?)[^\d\s]{0,2}([\d,]+(?:\.\d+)?)(?:\s×\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?:\s(\w+))?/u.exec(text.trim());
    if (!found) return NaN;
    const exponent = [...(found[3] || "")].map((sign) => (sign === "⁻" ? "-" : SUPERSCRIPTS.indexOf(sign))).join("");
    return Number(`${found[1] && "-"}${found[2].replaceAll(",", "")}e${exponent || 0}`) * (SCALES[found[4]] || 1);
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const written = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", className: "sort", textContent: head.textContent });
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
        for (const other of heads) other.setAttribute("aria-sort", other === head ? next : "none");
        const rows = written.map((row) => ({ row, text: row.cells[column].textContent.trim() }));
        const numeric = rows.filter((entry) => !Number.isNaN(numberIn(entry.text))).length > rows.length / 2;
        const sign = next === "descending" ? -1 : 1;
        if (next !== "none") {
          rows.sort((a, b) => {
            if (!numeric) return sign * a.text.localeCompare(b.text, "en", { numeric: true });
            const [x, y] = [numberIn(a.text), numberIn(b.text)];
            return Number.isNaN(x) - Number.isNaN(y) || sign * (x - y);
          });
        }
        body.append(...rows.map((entry) => entry.row));
      });
    });
  }

  /* The ledger can be narrowed; the address keeps the choice. A claim shows while one of its parts does. */

  function filterable(ledger) {
    const parts = [...ledger.querySelectorAll(".part")];
    const sections = [...ledger.querySelectorAll("section.claim")];
    const asked = new URLSearchParams(location.search);
    const bar = make("form", { className: "filters" });
    const shown = make("output", { className: "filter-count" });
    const selects = ["verdict", "kind", "weight", "chapter"].map((name) => {
      const label = make("label", { textContent: `${name[0].toUpperCase()}${name.slice(1)} ` }, bar);
      const select = make("select", { name }, label);
      make("option", { value: "", textContent: "all" }, select);
      for (const value of [...new Set(parts.map((part) => part.dataset[name]))].sort()) {
        make("option", { value, textContent: value.replaceAll("-", " ") }, select);
      }
      select.value = parts.some((part) => part.dataset[name] === asked.get(name)) ? asked.get(name) : "";
      return select;
    });

    function filter() {
      let count = 0;
      for (const part of parts) {
        part.hidden = selects.some((select) => select.value && part.dataset[select.name] !== select.value);
        count += !part.hidden;
      }
      for (const section of sections) section.hidden = !section.querySelector(".part:not([hidden])");
      shown.textContent = `${count} of ${parts.length} parts`;
    }

    function choose() {
      const query = new URLSearchParams(selects.filter((select) => select.value).map((select) => [select.name, select.value]));
      try { history.replaceState(null, "", `${query.size ? `?${query}` : location.pathname}`); } catch { /* the address stays */ }
      filter();
    }

    function showTarget() {
      const target = [...sections, ...parts].find((each) => each.id === location.hash.slice(1));
      if (!target || !(target.hidden || target.closest("[hidden]"))) return;
      for (const select of selects) select.value = "";
      filter();
      target.scrollIntoView();
    }

    bar.append(shown);
    bar.addEventListener("change", choose);
    bar.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("hashchange", showTarget);
    ledger.before(bar);
    filter();
    showTarget();
  }

  /* Figures: the chart library comes when a reader first asks for it. */

  let library;

  function chartLibrary() {
    library ||= new Promise((resolve, reject) => {
      const script = make("script", { src: new URL("charts/vega.js", home).href }, document.head);
      script.addEventListener("load", () => resolve(window.chartLibrary));
      script.addEventListener("error", () => { library = null; script.remove(); reject(new Error("no chart library")); });
    });
    return library;
  }

  /* A tip shows the row of data under the pointer, without what only styles the mark. */

  function tip(datum, sanitize) {
    if (Object(datum) !== datum) return sanitize(datum);
    const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 5, useGrouping: "min2" });
    const rows = Object.entries(datum)
      .filter(([name, value]) => !/^_|_(start|end)$|^(shape|colou?r|fill|stroke|order)$/.test(name) && value !== null && !/^#[\da-f]{6}$/i.test(value))
      .map(([name, value]) => {
        const text = typeof value === "number" ? number.format(value) : value;
        return `<tr><td class="key">${sanitize(name.replaceAll("_", " "))}</td><td>${sanitize(text)}</td></tr>`;
      });
    return `<table>${rows.join("")}</table>`;
  }

  function explorable(figure) {
    const drawing = figure.querySelector(".fig-drawing");
    const specs = JSON.parse(figure.querySelector(".fig-spec").textContent);
    const bar = figure.querySelector("figcaption .fig-source:last-child") || make("p", { className: "fig-source" }, figure);
    const button = make("button", { type: "button", className: "fig-explore", textContent: "Explore" }, bar);
    const narrow = matchMedia("(max-width: 600px)");
    let view = null;

    async function draw() {
      const size = narrow.matches ? "narrow" : "wide";
      const spec = structuredClone(specs[size]);
      spec.config = { ...spec.config, mark: { ...spec.config?.mark, tooltip: { content: "data" } } };
      const [charts] = await Promise.all([chartLibrary(), document.fonts.load('13px "Source Sans Pro"'), document.fonts.load('600 13px "Source Sans Pro"')]);
      const live = drawing.querySelector(".fig-live") || make("div", { className: "fig-live" }, drawing);
      view?.finalize();
      view = await charts.embed(live, spec, {
        renderer: "svg", actions: false, defaultStyle: false, logLevel: 1,
        tooltip: { disableDefaultStyle: true, formatTooltip: tip },
      });
      const svg = live.querySelector("svg");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", drawing.querySelector(`.fig-${size} svg`).getAttribute("aria-label"));
    }

    async function show() {
      button.setAttribute("aria-busy", "true");
      try {
        await draw();
        figure.classList.add("is-live");
        button.textContent = "Back to the still figure";
      } catch {
        button.textContent = "The chart library did not load";
      }
      button.removeAttribute("aria-busy");
    }

    function still() {
      view?.finalize();
      view = null;
      drawing.querySelector(".fig-live").remove();
      figure.classList.remove("is-live");
      button.textContent = "Explore";
    }

    button.addEventListener("click", () => (view ? still() : show()));
    narrow.addEventListener("change", () => { if (view) draw(); });
    addEventListener("beforeprint", () => { if (view && narrow.matches) still(); });
  }

  /* Citations are copied with a button; an address is copied as it stands in the reader's browser. */

  function copyable(list) {
    for (const term of list.querySelectorAll("dt")) {
      const shown = term.nextElementSibling;
      const text = () => (shown.querySelector("pre")?.textContent ?? shown.querySelector("a").href);
      const name = term.textContent;
      const button = make("button", { type: "button", className: "copy", textContent: "Copy" }, term);
      button.setAttribute("aria-label", `Copy ${name}`);
      button.addEventListener("click", async () => {
        button.textContent = (await copied(text(), shown)) ? "Copied" : "Press Ctrl+C";
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
    }
  }

  async function copied(text, shown) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // a browser may refuse this to a page from the disk: the text is selected instead
      getSelection().selectAllChildren(shown);
      return document.execCommand("copy");
    }
  }

  const page = {
    theme: document.querySelector(".theme-switch-button"),
    menu: document.querySelector(".primary-toggle"),
    dialog: document.getElementById("pst-primary-sidebar-modal"),
    borrowed: document.querySelectorAll(".sidebar-primary__section, .sidebar-secondary-item"),
  };
  if (page.theme) themeSwitch(page.theme);
  if (page.menu && page.dialog) drawer(page.menu, page.dialog, page.borrowed);
  markContents(document.querySelectorAll("nav.page-toc a"));
  document.querySelectorAll("table.register").forEach(sortable);
  document.querySelectorAll(".ledger").forEach(filterable);
  document.querySelectorAll("figure.fig").forEach(explorable);
  document.querySelectorAll("dl.citations").forEach(copyable);
})();
