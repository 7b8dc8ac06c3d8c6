/* Type-ahead after the ARIA combobox pattern. Answers of data-source: {"results": [{value, label, hint}]}. */
(() => {
  "use strict";
  let serial = 0;

  const build = (root) => {
    if (root.dataset.ready) return;
    root.dataset.ready = "1";
    const text = root.querySelector("[data-combobox-text]");
    const value = root.querySelector("[data-combobox-value]");
    const id = `combobox-${++serial}`;
    const list = document.createElement("div");
    list.className = "combobox__list";
    list.id = id;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    root.append(list);
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-expanded", "false");
    text.setAttribute("aria-controls", id);
    if (text.id) { const label = document.querySelector(`label[for="${text.id}"]`); if (label) list.setAttribute("aria-label", label.textContent.trim()); }

    let options = [], at = -1, timer = null, asked = null;
    const min = Number(root.dataset.min || 1);

    const close = () => { list.hidden = true; at = -1; text.setAttribute("aria-expanded", "false"); text.removeAttribute("aria-activedescendant"); };
    const mark = (next) => {
      options.forEach((option, index) => option.setAttribute("aria-selected", index === next ? "true" : "false"));
      at = next;
      if (at >= 0) { text.setAttribute("aria-activedescendant", options[at].id); options[at].scrollIntoView({ block: "nearest" }); } else { text.removeAttribute("aria-activedescendant"); }
    };
    const choose = (option) => {
      value.value = option.dataset.value;
      text.value = option.dataset.label;
      close();
      value.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const emphasise = (place, label, query) => {
      const index = label.toLowerCase().indexOf(query.toLowerCase());
      if (index < 0 || !query) { place.append(label); return; }
      const strong = document.createElement("b");
      strong.textContent = label.slice(index, index + query.length);
      place.append(label.slice(0, index), strong, label.slice(index + query.length));
    };
    const show = (results, query) => {
      list.replaceChildren();
      options = results.map((result, index) => {
        const option = document.createElement("div");
        option.className = "combobox__option";
        option.id = `${id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.value = result.value;
        option.dataset.label = result.label;
        emphasise(option, result.label, query);
        if (result.hint) { const hint = document.createElement("span"); hint.className = "combobox__hint"; hint.textContent = result.hint; option.append(hint); }
        list.append(option);
        return option;
      });
      if (!results.length) { const none = document.createElement("div"); none.className = "combobox__empty"; none.textContent = root.dataset.empty; list.append(none); }
      list.hidden = false;
      text.setAttribute("aria-expanded", "true");
      mark(results.length ? 0 : -1);
      if (window.portal) window.portal.announce(results.length ? `${root.dataset.found} ${results.length}` : root.dataset.empty);
    };
    const ask = async () => {
      const query = text.value.trim();
      if (query.length < min) { close(); return; }
      if (asked) asked.abort();
      asked = new AbortController();
      try {
        const url = new URL(root.dataset.source, window.location.href);
        url.searchParams.set("q", query);
        const answer = await fetch(url, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" }, signal: asked.signal, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const data = await answer.json();
        if (document.activeElement === text) show(data.results, query);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    };

    text.addEventListener("input", () => { value.value = ""; clearTimeout(timer); timer = setTimeout(ask, 150); });
    text.addEventListener("focus", () => { if (!value.value && min === 0) ask(); });
    text.addEventListener("blur", () => setTimeout(close, 120));
    text.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { ask(); return; }
        if (options.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        choose(options[at]);
      } else if (event.key === "Tab" && !list.hidden && at >= 0 && !value.value) {
        choose(options[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Home" && !list.hidden && event.ctrlKey) { mark(0); } else if (event.key === "End" && !list.hidden && event.ctrlKey) { mark(options.length - 1); }
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  };

  const all = () => document.querySelectorAll("[data-combobox]").forEach(build);
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSettle", all);
})();
