/* Rows: a click anywhere opens (tr[data-href]); bulk selection; roles for tables that become cards. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, label, select, textarea, details, summary, dialog")) return;
    if (String(window.getSelection())) return;
    if (event.ctrlKey || event.metaKey) { window.open(row.dataset.href, "_blank", "noopener"); } else { window.location.assign(row.dataset.href); }
  });

  /* [data-bulk] names the form; .row-select are its boxes, [data-select-all] the one in the head. */
  const refresh = (form) => {
    const boxes = [...form.querySelectorAll(".row-select")];
    const chosen = boxes.filter((box) => box.checked).length;
    const all = form.querySelector("[data-select-all]");
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
    form.querySelectorAll("[data-bulk-bar]").forEach((bar) => { bar.hidden = !chosen; });
    form.querySelectorAll("[data-bulk-count]").forEach((place) => { place.textContent = chosen; });
  };
  /* With Shift held, a box takes those between it and the last one along. */
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-bulk] .row-select");
    if (!box) return;
    const boxes = [...box.closest("[data-bulk]").querySelectorAll(".row-select")];
    const from = boxes.indexOf(last), to = boxes.indexOf(box);
    if (event.shiftKey && from >= 0) boxes.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => { other.checked = box.checked; });
    last = box;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) form.querySelectorAll(".row-select").forEach((box) => { box.checked = event.target.checked; });
    refresh(form);
  });

  /* Filters fold on a telephone. */
  const fold = () => {
    const narrow = window.matchMedia("(max-width: 900px)").matches;
    document.querySelectorAll("details[data-fold]").forEach((box) => {
      if (box.dataset.folded) return;
      box.dataset.folded = "1";
      box.open = !narrow && !box.hasAttribute("data-fold-closed");
    });
  };

  /* A filter bar with data-autosubmit sends itself when a choice changes. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
  });

  /* display:grid on a row takes its role away in some readers: give it back in words. */
  const roles = () => document.querySelectorAll(".table--cards:not([role])").forEach((table) => {
    const give = (selector, role) => table.querySelectorAll(selector).forEach((element) => { if (!element.hasAttribute("role")) element.setAttribute("role", role); });
    table.setAttribute("role", "table");
    give("thead, tbody, tfoot", "rowgroup");
    give("tr", "row");
    give("thead th", "columnheader");
    give("tbody th", "rowheader");
    give("td", "cell");
  });
  const ready = () => { roles(); fold(); document.querySelectorAll("[data-bulk]").forEach(refresh); };
  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:afterSettle", ready);
})();
