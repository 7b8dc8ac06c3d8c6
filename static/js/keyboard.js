/* Keys of the workspace: an element's data-shortcut="n" is clicked or focused by that key; «?» lists them;
   j and k walk the rows of [data-rows] (a table's body or a list), x chooses the one that has the focus. Keys rest while one types or a dialog is open. */
(() => {
  "use strict";
  const typing = (target) => target.matches && target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
  const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;

  const walk = (step) => {
    const list = document.querySelector("[data-rows]");
    if (!list) return false;
    const links = [...list.querySelectorAll("[data-row-link], .row-link, tr[data-href] a:first-of-type")].filter(visible);
    const seen = new Set();
    const rows = links.filter((link) => { const row = link.closest("tr, li"); if (seen.has(row)) return false; seen.add(row); return true; });
    if (!rows.length) return false;
    const row = document.activeElement && document.activeElement.closest("tr, li");
    let at = rows.findIndex((link) => link.closest("tr, li") === row);
    if (at < 0) at = rows.findIndex((link) => link.closest(".is-selected"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      const dialog = document.getElementById("shortcuts");
      if (dialog) { event.preventDefault(); dialog.showModal(); }
      return;
    }
    if ((event.key === "j" || event.key === "k" || event.key === "о" || event.key === "л") && walk(event.key === "j" || event.key === "о" ? 1 : -1)) { event.preventDefault(); return; }
    if (event.code === "KeyX" && !event.shiftKey && !document.querySelector("[data-triage]")) {
      const row = document.activeElement && document.activeElement.closest("tr, li");
      const box = row && row.querySelector(".row-select");
      if (box) { event.preventDefault(); box.click(); return; }
    }
    /* A letter is found by its place on the keyboard, so that it works in the Russian and Kazakh layouts too. */
    const letter = /^Key([A-Z])$/.exec(event.code);
    const names = [event.key, letter && letter[1].toLowerCase(), event.code === "Slash" && !event.shiftKey && "/"].filter(Boolean);
    const target = [...document.querySelectorAll("[data-shortcut]")].find((element) => names.includes(element.dataset.shortcut) && visible(element));
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea, select")) { target.focus(); if (target.select) target.select(); } else { target.click(); }
  });
})();
