/* CSRF for htmx, toasts, menus, the telephone's sidebar, words for screen readers.
   Every handler hangs on the document, so that what htmx swaps in works at once. */
(() => {
  "use strict";
  const portal = (window.portal = {});
  const body = () => document.body;

  /** Say something to a screen reader without showing it. */
  portal.announce = (text) => {
    const region = document.getElementById("announcer");
    if (region) { region.textContent = ""; setTimeout(() => { region.textContent = text; }, 60); }
  };

  /* Toasts: a success goes by itself, an error stays until it is read. */
  const settle = (toast) => {
    if (toast.dataset.settled) return;
    toast.dataset.settled = "1";
    if (!toast.classList.contains("toast--error")) setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 8000);
  };
  const settleAll = () => document.querySelectorAll("[data-toast]").forEach(settle);

  /** Show a short message in the corner; level: success, info, warning, error. */
  portal.toast = (text, level = "info") => {
    const corner = document.getElementById("toasts");
    if (!corner) return;
    const toast = document.createElement("div");
    toast.className = `toast toast--${level}`;
    toast.dataset.toast = "";
    if (level === "error") toast.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.className = "toast__text";
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast__close";
    close.dataset.toastClose = "";
    close.setAttribute("aria-label", corner.dataset.close);
    close.textContent = "×";
    toast.append(words, close);
    corner.append(toast);
    settle(toast);
  };

  /* htmx: the CSRF token travels in a header; an error that no toast explains is explained here. */
  document.addEventListener("htmx:configRequest", (event) => {
    const meta = document.querySelector('meta[name="csrf-token"]');
    if (meta && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = meta.content;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && xhr.status !== 422 && !xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = false;
      portal.toast(document.getElementById("toasts").dataset.failed, "error");
    }
  });
  document.addEventListener("htmx:sendError", () => portal.toast(document.getElementById("toasts").dataset.failed, "error"));
  document.addEventListener("htmx:timeout", () => portal.toast(document.getElementById("toasts").dataset.failed, "error"));
  document.addEventListener("htmx:afterSwap", settleAll);
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    if (target && target.dataset && target.dataset.announce) portal.announce(target.dataset.announce);
    const summary = target && target.querySelector && target.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  });

  /* The telephone's sidebar */
  const sidebar = () => document.getElementById("sidebar");
  const openMenu = (open) => {
    const bar = sidebar();
    if (!bar) return;
    bar.classList.toggle("is-open", open);
    if (open) { (bar.querySelector("[aria-current]") || bar.querySelector("a")).focus(); } else { document.querySelector("[data-menu-open]").focus(); }
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    const close = on("[data-toast-close]");
    if (close) close.closest("[data-toast]").remove();
    if (on("[data-menu-open]")) { event.preventDefault(); openMenu(true); }
    if (on("[data-menu-close]")) openMenu(false);
    const copy = on("[data-copy]");
    if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => portal.toast(copy.dataset.copied || "✓", "success"));
    if (on("[data-print]")) window.print();
    document.querySelectorAll("details.dropdown[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (sidebar() && sidebar().classList.contains("is-open")) openMenu(false);
      const menu = document.querySelector("details.dropdown[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    }
    /* Arrows inside an open menu */
    const panel = event.target.closest(".dropdown[open]");
    if (panel && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const items = [...panel.querySelectorAll(".dropdown__panel a, .dropdown__panel button")].filter((item) => item.offsetParent);
      if (!items.length) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = items.indexOf(document.activeElement);
      items[(at + step + items.length) % items.length].focus();
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    settleAll();
    body().classList.add("js");
    const summary = document.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  });
})();
