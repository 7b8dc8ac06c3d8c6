/* Native dialogs: data-dialog-open="id", data-dialog-close; data-dialog-auto opens one that arrives open in words.
   Number keys choose among radios in a form with data-number-keys; Ctrl+Enter sends it. */
(() => {
  "use strict";
  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (dialog) { event.preventDefault(); open(dialog); }
    }
    if (event.target.closest("[data-dialog-close]")) {
      const dialog = event.target.closest("dialog");
      if (dialog) { event.preventDefault(); dialog.close(); }
    }
    /* A click on the backdrop lands on the dialog itself. */
    if (event.target instanceof HTMLDialogElement && event.target.open) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && (event.clientX || event.clientY)) event.target.close();
    }
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest ? event.target.closest("dialog form") : null;
    if (!form) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    const typing = event.target.matches("textarea, input:not([type=radio], [type=checkbox])");
    if (form.hasAttribute("data-number-keys") && !typing && /^[1-9]$/.test(event.key)) {
      const radio = form.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
      if (radio) { event.preventDefault(); radio.checked = true; radio.focus(); radio.dispatchEvent(new Event("change", { bubbles: true })); }
    }
  });

  /* Once: what the reader has closed stays closed, whatever else arrives on the page. */
  const auto = (root) => root.querySelectorAll("dialog[data-dialog-auto]").forEach((dialog) => { dialog.removeAttribute("data-dialog-auto"); open(dialog); });
  document.addEventListener("DOMContentLoaded", () => auto(document));
  document.addEventListener("htmx:afterSettle", () => auto(document));
})();
