/* The list to decide on, by keys. A row that has the focus is opened beside the list and is what the keys act on:
   j k or the arrows walk, the letters of [data-verbs] act, Enter goes into the pane and Esc back to the row, s selects
   for accepting several. After an act the server answers with the next pane and an event `triage:done`; the row goes,
   the next one has the focus, and a screen reader is told. Without scripts the rows are links and the acts are forms. */
(() => {
  "use strict";
  const list = () => document.querySelector("[data-triage]");
  const rows = () => [...document.querySelectorAll("[data-triage] > li")];
  const link = (row) => row.querySelector("[data-row-link]");
  const beside = () => !window.matchMedia("(max-width: 900px)").matches;
  const current = () => {
    const focused = document.activeElement && document.activeElement.closest("[data-triage] > li");
    return focused || document.querySelector("[data-triage] > li.is-selected") || rows()[0];
  };
  /** A request that is broken off or fails is told by htmx's own events; the keys go on all the same. */
  const ask = (...what) => window.htmx.ajax(...what).catch(() => {});
  let timer = 0;

  /** Show which row is meant, and its referral beside the list: at once, or once the reader stays on it. */
  const select = (row, wait = 0) => {
    rows().forEach((other) => {
      other.classList.toggle("is-selected", other === row);
      if (other === row) link(other).setAttribute("aria-current", "true"); else link(other).removeAttribute("aria-current");
    });
    const pane = document.getElementById("triage-item");
    if (pane.dataset.shown === row.dataset.referral) return Promise.resolve();
    window.clearTimeout(timer);
    pane.dataset.shown = row.dataset.referral;
    const load = () => ask("GET", link(row).href, { source: pane, target: pane, swap: "innerHTML" });
    history.replaceState(null, "", link(row).href);
    if (!wait) return load();
    timer = window.setTimeout(load, wait);
    return Promise.resolve();
  };
  const go = (row, wait) => {
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (beside()) select(row, wait);
  };
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const focused = document.activeElement && document.activeElement.closest("[data-triage] > li");
    /* The first key only brings the focus to the row that is open already. */
    go(all[focused ? Math.max(0, Math.min(all.length - 1, at + step)) : at], 250);
  };

  const act = (row, verb) => {
    if (!row || row.dataset.busy) return;
    const url = `${row.dataset.url}${verb}/`;
    const place = document.getElementById("dialog-place");
    if (beside()) select(row, 250);
    if (verb !== "accept") {
      ask("GET", `${url}?${list().dataset.next}`, { source: place, target: place, swap: "innerHTML" });
      return;
    }
    row.dataset.busy = "1";
    window.clearTimeout(timer);
    ask("POST", url, { source: place, target: place, swap: "innerHTML", values: Object.fromEntries(new URLSearchParams(list().dataset.next)) })
      .then(() => { delete row.dataset.busy; });
  };

  const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (!list() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]") || event.target.closest("details[open], [role=listbox]")) return;
    const inside = event.target.closest("[data-triage], #triage-item") || event.target === document.body || event.target.id === "main";
    const step = { ArrowDown: 1, ArrowUp: -1, KeyJ: 1, KeyK: -1 }[event.code];
    if (step) {
      /* The arrows scroll the pane while one reads there. */
      if (event.code.startsWith("Arrow") && !event.target.closest("[data-triage]")) return;
      event.preventDefault();
      walk(step);
      return;
    }
    if (event.key === "Enter" && beside() && event.target.matches("[data-triage] [data-row-link]")) {
      event.preventDefault();
      select(event.target.closest("li")).then(() => { const head = document.querySelector("#triage-item [data-pane-head]"); if (head) head.focus(); });
      return;
    }
    if (event.key === "Escape" && event.target.closest("#triage-item")) { event.preventDefault(); link(current()).focus(); return; }
    if (!inside || event.shiftKey || event.repeat) return;
    if (event.code === "KeyS" && current()) {
      const box = current().querySelector(".row-select");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    /* By the place of the key, so that it works in the Russian and Kazakh layouts too. */
    const verb = JSON.parse(list().dataset.verbs)[event.code];
    if (verb && rows().length) { event.preventDefault(); act(current(), verb); }
  });

  document.addEventListener("htmx:configRequest", (event) => { if (list() && beside()) event.detail.headers["X-Triage"] = "list"; });

  /* A click on a row opens it beside the list; with Ctrl, or on a telephone, the link is followed. */
  document.addEventListener("click", (event) => {
    const opened = event.target.closest("[data-triage] [data-row-link]");
    if (!opened || !beside() || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    go(opened.closest("li"), 0);
  });

  /* What was asked for before the last decision, and comes after it, is not shown any more. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (target.id === "triage-item" && requestConfig && target.dataset.shown && !requestConfig.path.includes(target.dataset.shown)) event.detail.shouldSwap = false;
  });

  document.addEventListener("triage:done", (event) => {
    const { id, next, stays, waiting, text, tone } = event.detail;
    window.portal.toast(text, tone);
    if (stays) { window.setTimeout(() => { go(document.getElementById(`triage-${id}`), 0); window.portal.announce(text); }, 0); return; }
    const gone = document.getElementById(`triage-${id}`);
    const all = rows();
    const at = all.indexOf(gone);
    const follower = document.getElementById(`triage-${next}`) || all[at + 1] || all[at - 1];
    document.querySelectorAll("[data-counter='in.triage']").forEach((place) => { place.textContent = waiting; });
    if (gone) gone.remove();
    if (!follower || follower === gone) { window.location.assign(list().dataset.home); return; }
    list().dispatchEvent(new Event("change", { bubbles: true }));
    /* After the dialog has given the focus back to where it was. */
    window.setTimeout(() => {
      /* The answer brought the pane along: one that is still being asked for comes too late. */
      const pane = document.getElementById("triage-item");
      window.clearTimeout(timer);
      window.htmx.trigger(pane, "htmx:abort");
      pane.dataset.shown = pane.querySelector(`a[href$="/referrals/${next}/"]`) ? next : "";
      go(follower, 0);
      window.portal.announce(`${text} ${list().dataset.nextWords} ${link(follower).textContent}`);
    }, 0);
  });
})();
